//go:build unix

package main

import "golang.org/x/sys/unix"

// free is the room on the disk of a folder, in bytes; 0 when it is not known.
func free(dir string) int64 {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return 0
	}
	return int64(disk.Bavail) * disk.Bsize //nolint:gosec,unconvert,nolintlint // other systems have other types here
}
