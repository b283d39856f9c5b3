//go:build faultsclock

// Package main: scripts/faults links this file into a node (go build -overlay) whose
// package time adds *time.Stepped to every reading of the wall clock, while the monotonic
// clock goes on. That is what a step of the machine's clock does; here it is one process's.
package main

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// The file named by BEDS_FAULTS_CLOCK holds the offset: 8 bytes, nanoseconds, in the
// machine's byte order. It is mapped, so that a step is there at once.
func init() {
	f, err := os.OpenFile(os.Getenv("BEDS_FAULTS_CLOCK"), os.O_RDWR, 0)
	if err != nil {
		panic("this build's clock can be stepped; BEDS_FAULTS_CLOCK must name a file of 8 bytes: " + err.Error())
	}
	defer f.Close()
	page, err := syscall.Mmap(int(f.Fd()), 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic("the file of the clock can't be mapped: " + err.Error())
	}
	time.Stepped = (*int64)(unsafe.Pointer(&page[0]))
}
