//go:build !unix

package main

// free is not known here.
func free(string) int64 { return 0 }
