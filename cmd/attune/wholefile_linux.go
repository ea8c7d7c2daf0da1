package main

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// nameless makes a file in a folder that has no name there. Not every file
// system can.
func nameless(dir string) (*os.File, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, os.NewSyscallError("open", err)
	}
	return os.NewFile(uintptr(fd), dir), nil //nolint:gosec // a file descriptor is never negative
}

// giveName gives a file without a name one that nothing has.
func giveName(file *os.File, path string) error {
	err := unix.Linkat(unix.AT_FDCWD, "/proc/self/fd/"+strconv.FormatUint(uint64(file.Fd()), 10), unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
	return os.NewSyscallError("linkat", err)
}
