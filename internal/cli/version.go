package cli

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// Next is the name of the version that is being made. CHANGELOG.md names the same one.
const Next = "0.4.0"

// Version says which version this is: the one being made, and the commit that it was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Next + "-dev"
	}
	return version(info)
}

// version reads what Go's linker notes in a program.
func version(info *debug.BuildInfo) string {
	said := map[string]string{}
	for _, s := range info.Settings {
		said[s.Key] = s.Value
	}
	commit := "commit not known"
	if revision := said["vcs.revision"]; revision != "" {
		commit = fmt.Sprintf("commit %.12s", revision)
		if day, _, found := strings.Cut(said["vcs.time"], "T"); found {
			commit += " of " + day
		}
		if said["vcs.modified"] == "true" {
			commit += ", with changes that are in no commit"
		}
	}
	return fmt.Sprintf("%s-dev (%s, %s)", Next, commit, info.GoVersion)
}
