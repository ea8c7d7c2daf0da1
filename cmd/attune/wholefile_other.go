//go:build !linux

package main

import (
	"errors"
	"os"
)

// nameless is not possible here.
func nameless(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func giveName(*os.File, string) error { return errors.ErrUnsupported }
