package ldap_test

import (
	//nolint:gosec // The form is the server's.

	"testing"

	"gatehouse/test/directories"
)

func TestOn389DirectoryServer(t *testing.T) {
	t.Parallel()
	d := directories.DS389(t)
	held(t, d, realTime, byStamps)
	t.Run("passwords without parts of names", func(t *testing.T) { passwordsWithoutNames(t, newHouse(t, d)) })
}
