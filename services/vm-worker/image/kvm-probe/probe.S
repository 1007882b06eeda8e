# A 64 KiB ROM for "qemu -bios" that tells whether an accelerator is usable: it takes the processor through the states that
# an operating system uses, and through a loop that must be fast. Started with
#
#   -M q35 -m 16 -no-reboot -bios probe.rom -debugcon file:TRACE -device isa-debug-exit,iobase=0x501,iosize=1
#
# qemu ends with status 85 when all went well. TRACE then holds RPLSU, one letter for each state that was reached:
# (R)eal mode, (P)rotected mode, (L)ong mode with paging, (S)peed loop done, (U)ser mode and a page fault back from it.
#
# The loop is the point: nested virtualisation without hardware support passes through all states, but executes guest code of
# ring 0 hundreds of times slower than qemu's own emulation. Whoever runs this stops it after two seconds.

.set trace_port, 0xe9
.set exit_port, 0x501
.set exit_value, 0x2a               # isa-debug-exit: status = value * 2 + 1 = 85
.set loop_rounds, 50000000

.set base, 0x8000                   # where the code runs, once it is copied to RAM: a label is then at base + label - start
.set stack, 0x7000
.set user_stack, 0x6800
.set page_map, 0x1000               # three tables of 4 KiB: page_map, page_pointers, page_directory
.set page_pointers, 0x2000
.set page_directory, 0x3000
.set unmapped, 0x400000             # beyond the 2 MiB that are mapped

.set sel_code32, 0x08
.set sel_data, 0x10
.set sel_code64, 0x18
.set sel_tss, 0x28
.set sel_user_data, 0x38 | 3
.set sel_user_code, 0x40 | 3

.macro trace letter
  mov $\letter, %al
  out %al, $trace_port
.endm

.text
.globl start

# ---- real mode, executing in the ROM; the reset vector below jumps here, with cs based at 0xffff0000
.code16
start:
  cli
  trace 'R'
  xor %ax, %ax
  mov %ax, %ds
  mov %ax, %es
  xor %si, %si
  mov $base, %di
  mov $(copied_end - start + 3) / 4, %cx
  cld
copy:
  mov %cs:(%si), %eax
  mov %eax, (%di)
  add $4, %si
  add $4, %di
  loop copy
  ljmp $0, $(base + in_ram - start)
in_ram:
  lgdt base + gdt_pointer - start
  mov %cr0, %eax
  or $1, %al                        # protection enable
  mov %eax, %cr0
  ljmpl $sel_code32, $(base + protected_mode - start)

# ---- protected mode
.code32
protected_mode:
  mov $sel_data, %ax
  mov %ax, %ds
  mov %ax, %es
  mov %ax, %ss
  mov $stack, %esp
  trace 'P'
  xor %eax, %eax                    # clear the three tables
  mov $page_map, %edi
  mov $3 * 4096 / 4, %ecx
  rep stosl
  movl $page_pointers + 0x7, page_map          # present, writable, user
  movl $page_directory + 0x7, page_pointers
  movl $0x87, page_directory                   # the same, one page of 2 MiB
  mov $page_map, %eax
  mov %eax, %cr3
  mov %cr4, %eax
  or $0x20, %eax                    # physical address extension
  mov %eax, %cr4
  mov $0xc0000080, %ecx             # EFER
  rdmsr
  or $0x100, %eax                   # long mode enable
  wrmsr
  mov %cr0, %eax
  or $0x80000000, %eax              # paging
  mov %eax, %cr0
  ljmpl $sel_code64, $(base + long_mode - start)

# ---- long mode
.code64
long_mode:
  mov $sel_data, %ax
  mov %ax, %ds
  mov %ax, %ss
  mov $stack, %esp
  trace 'L'
  mov $loop_rounds, %ecx
spin:
  dec %ecx
  jnz spin
  trace 'S'
  movl $stack, base + tss - start + 4          # the stack for the way back from user mode
  mov $sel_tss, %ax
  ltr %ax
  lidt base + idt_pointer - start
  pushq $sel_user_data
  pushq $user_stack
  pushq $0x2                        # flags
  pushq $sel_user_code
  pushq $(base + user_mode - start)
  iretq

# ---- user mode: one access that must fault
user_mode:
  mov unmapped, %eax
hang:
  jmp hang

page_fault:
  trace 'U'
  mov $exit_port, %dx
  mov $exit_value, %al
  out %al, %dx
halt:
  hlt
  jmp halt

.balign 16
gdt:
  .quad 0
  .quad 0x00cf9b000000ffff          # sel_code32
  .quad 0x00cf93000000ffff          # sel_data
  .quad 0x00af9b000000ffff          # sel_code64
  .quad 0
  .word 0x67, base + tss - start               # sel_tss, 16 bytes: limit, base 0..15
  .byte 0, 0x89, 0, 0               # base 16..23, present and available, base 24..31
  .quad 0
  .quad 0x00cff3000000ffff          # sel_user_data
  .quad 0x00affb000000ffff          # sel_user_code
gdt_pointer:
  .word gdt_pointer - gdt - 1
  .long base + gdt - start
.balign 16
tss:
  .fill 104, 1, 0
.balign 16
idt:
  .fill 14 * 16, 1, 0
  .word base + page_fault - start, sel_code64  # vector 14: offset 0..15, selector
  .byte 0, 0x8e                     # present, interrupt gate
  .word 0
  .long 0, 0
idt_pointer:
  .word idt_pointer - idt - 1
  .quad base + idt - start
copied_end:

# ---- the reset vector, 16 bytes before the end of the address space
.org 0xfff0
.code16
  jmp start
.org 0x10000
