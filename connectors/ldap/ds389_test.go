package ldap_test

import (
	"maps"
	"testing"

	"gatehouse/test/directories"
)

func TestOn389DirectoryServer(t *testing.T) {
	t.Parallel()
	d := directories.DS389(t)
	more := map[string]string{"remove/one refused of three": "389-ds has member as an attribute that groups may have (00core.ldif), and lets one be empty"}
	maps.Copy(more, realTime)
	held(t, d, more, byStamps)
	t.Run("passwords without parts of names", func(t *testing.T) { passwordsWithoutNames(t, newHouse(t, d)) })
}
