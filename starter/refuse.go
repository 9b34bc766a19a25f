package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	oneOfGroup   = regexp.MustCompile(`^at least one of the flags in the group \[(.+)\] is required$`)
	together     = regexp.MustCompile(`^if any flags in the group \[.+\] are set none of the others can be; \[(.+)\] were all set$`)
	requiredFlag = regexp.MustCompile(`^required flag\(s\) (.+) not set$`)
)

// plainly says in an operator's words what the parser of the command line says in its own.
func plainly(err error) error {
	text := err.Error()
	flags := func(names string) []string {
		all := strings.Fields(strings.NewReplacer(`"`, "", ",", "").Replace(names))
		for i := range all {
			all[i] = "--" + all[i]
		}
		return all
	}
	switch {
	case oneOfGroup.MatchString(text):
		return fmt.Errorf("write one of %s; --help says what each of them is", strings.Join(flags(oneOfGroup.FindStringSubmatch(text)[1]), ", "))
	case together.MatchString(text):
		return fmt.Errorf("%s do not go together: write one of them", strings.Join(flags(together.FindStringSubmatch(text)[1]), " and "))
	case requiredFlag.MatchString(text):
		missing := flags(requiredFlag.FindStringSubmatch(text)[1])
		if len(missing) == 1 {
			return errors.New(missing[0] + " is missing; --help says what to write there")
		}
		return fmt.Errorf("%s are missing; --help says what to write there", strings.Join(missing, " and "))
	}
	return err
}

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
