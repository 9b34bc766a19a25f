// Command write draws the picture of docs/architecture.md anew.
package main

import (
	"fmt"
	"os"

	"gatehouse/internal/arrows"
)

func main() {
	page, err := arrows.Written(".")
	if err == nil {
		err = os.WriteFile(arrows.Page, page, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(arrows.Page)
}
