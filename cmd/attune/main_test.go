package main

import (
	"os"
	"testing"
)

// TestMain removes the program that tests of processes have built.
func TestMain(m *testing.M) {
	code := m.Run()
	built.remove()
	os.Exit(code)
}
