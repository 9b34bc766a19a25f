package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// readable refuses a file that is not there or is none, before anything else is asked. - is the standard input.
func readable(flag, path string) error {
	if path == "" || path == "-" {
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--%s %s: there is no such file", flag, path)
	case err != nil:
		return fmt.Errorf("--%s: %w", flag, err)
	case info.IsDir():
		return fmt.Errorf("--%s %s: that is a directory: name a file", flag, path)
	}
	return nil
}

// writable refuses a file for which there is no directory, before a company is read for it.
func writable(flag, path string) error {
	if path == "" {
		return nil
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("--%s %s: there is no directory %s: make it, or write the file elsewhere", flag, path, dir)
	}
	return nil
}
