/*
 * symbol.c: see symbol.h. dladdr() knows which file is mapped at an address; the table of symbols
 * is read from that file, as dladdr() itself knows only those that other files may use. The
 * format is in elf(5).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "symbol.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    const char *data;
    size_t size;
};

static bool map_file(const char *path, struct file *file)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    void *data = MAP_FAILED;
    if (fstat(descriptor, &status) == 0 && status.st_size > 0)
        data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    if (data == MAP_FAILED)
        return false;
    *file = (struct file){data, (size_t)status.st_size};
    return true;
}

/* A pointer to that many bytes at that offset of the file; NULL: the file is too short. */
static const void *part(const struct file *file, uint64_t offset, uint64_t size)
{
    return offset <= file->size && size <= file->size - offset ? file->data + offset
                                                               : NULL;
}

/* The name of the function in this table that the value lies in. */
static const char *search(const struct file *file, const ElfW(Shdr) * sections,
                          const ElfW(Shdr) * table, uint64_t value)
{
    const ElfW(Sym) *symbols = part(file, table->sh_offset, table->sh_size);
    const ElfW(Shdr) *strings = &sections[table->sh_link];
    const char *names = part(file, strings->sh_offset, strings->sh_size);
    if (symbols == NULL || names == NULL)
        return NULL;
    for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++) {
        const ElfW(Sym) *symbol = &symbols[i];
        if ((symbol->st_info & 15) == STT_FUNC && symbol->st_name < strings->sh_size &&
            value >= symbol->st_value && value - symbol->st_value < symbol->st_size)
            return names + symbol->st_name;
    }
    return NULL;
}

static const char *function_in(const struct file *file, uintptr_t address, uintptr_t base)
{
    const ElfW(Ehdr) *header = part(file, 0, sizeof *header);
    if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return NULL;
    const ElfW(Shdr) *sections =
        part(file, header->e_shoff, (uint64_t)header->e_shnum * sizeof *sections);
    uint64_t value = header->e_type == ET_DYN ? address - base : address;
    const char *found = NULL;
    for (int i = 0; sections != NULL && found == NULL && i < header->e_shnum; i++)
        if ((sections[i].sh_type == SHT_SYMTAB || sections[i].sh_type == SHT_DYNSYM) &&
            sections[i].sh_link < header->e_shnum)
            found = search(file, sections, &sections[i], value);
    return found;
}

/* The program's own file is the one that has this function. */
static bool is_program(const void *base)
{
    Dl_info own;
    return dladdr((void *)(uintptr_t)symbol_name, &own) != 0 && own.dli_fbase == base;
}

bool symbol_name(const void *address, char *name, size_t size)
{
    Dl_info info;
    struct file file;
    *name = '\0';
    if (address == NULL || dladdr(address, &info) == 0 || info.dli_fname == NULL)
        return false;
    const char *function = info.dli_sname;
    bool own = is_program(info.dli_fbase);
    bool mapped = map_file(own ? "/proc/self/exe" : info.dli_fname, &file);
    if (mapped) {
        const char *found =
            function_in(&file, (uintptr_t)address, (uintptr_t)info.dli_fbase);
        function = found != NULL ? found : function;
    }
    const char *slash = strrchr(info.dli_fname, '/');
    const char *library = slash != NULL ? slash + 1 : info.dli_fname;
    if (function != NULL)
        snprintf(name, size, own ? "%s()" : "%s() of %s", function, library);
    else if (!own)
        snprintf(name, size, "%s", library);
    if (mapped)
        munmap((void *)(uintptr_t)file.data, file.size);
    return *name != '\0';
}
