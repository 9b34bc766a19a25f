// Command write makes docs/schema anew.
package main

import (
	"fmt"
	"os"

	"gatehouse/internal/schema"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	files, err := schema.Files(".")
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(f.Path, f.Data, 0o644); err != nil {
			return fmt.Errorf("write a schema: %w", err)
		}
		fmt.Println(f.Path)
	}
	return nil
}
