package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// checkout has a commit in a worktree of its own.
func checkout(ctx context.Context, commit, tree string) error {
	if _, err := os.Stat(tree); err == nil {
		return run(ctx, tree, "git", "checkout", "--quiet", "--detach", commit)
	}
	return run(ctx, ".", "git", "worktree", "add", "--quiet", "--detach", tree, commit)
}

// build builds what a bench needs. Both builds run on the Temporal server of this tree.
func build(ctx context.Context, tree string) error {
	bin := filepath.Join(tree, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return fmt.Errorf("make a directory for the programs: %w", err)
	}
	for _, program := range []string{"sandbox", "starter", "worker", "test/bench"} {
		if err := run(ctx, tree, "go", "build", "-o", filepath.Join("bin", filepath.Base(program)), "./"+program); err != nil {
			return err
		}
	}
	for _, server := range []string{"temporal", "temporal-server", "temporal-sql-tool"} {
		ours, err := filepath.Abs(filepath.Join("bin", server))
		if err != nil {
			return fmt.Errorf("find %s: %w", server, err)
		}
		if _, err := os.Stat(ours); err != nil {
			return fmt.Errorf("%s is missing: run `make bin/temporal bin/temporal-server`", ours)
		}
		theirs := filepath.Join(bin, server)
		if _, err := os.Stat(theirs); err == nil {
			continue
		}
		if err := os.Symlink(ours, theirs); err != nil {
			return fmt.Errorf("lend %s to the other build: %w", server, err)
		}
	}
	return nil
}
