package accounts

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var linkColumns = []string{"account", "person", "use", "reason"}

func TestRowsOfAFile(t *testing.T) {
	t.Parallel()
	rows, err := readRows(strings.NewReader("\ufeffPerson, account ,use\nada@acme.example,100042,admin\n\n\"Byron, Ada\",onelogin/7,\n"), linkColumns, "audit")
	require.NoError(t, err)
	require.Equal(t, []row{
		{line: 2, account: "100042", person: "ada@acme.example", use: "admin", reason: "audit"},
		{line: 4, account: "onelogin/7", person: "Byron, Ada", reason: "audit"},
	}, rows)
	rows, err = readRows(strings.NewReader("account,reason\n1,\n2,because\n"), linkColumns, "audit")
	require.NoError(t, err)
	require.Equal(t, []row{{line: 2, account: "1", reason: "audit"}, {line: 3, account: "2", reason: "because"}}, rows)
}

// TestBadFiles: it is said where, and nothing of the file is quoted.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, says string }{
		"empty":               {"", "the CSV is empty: its first line names the columns account, person, use, reason"},
		"no rows":             {"account,person\n", "the CSV has a head and no rows"},
		"no head":             {"100042,s3cr3t\n", "line 1 of the CSV: column 1 is not one of account, person, use, reason, or is there twice; fields are separated by commas"},
		"another column":      {"account,s3cr3t\n1,2\n", "line 1 of the CSV: column 2 is not one of"},
		"a column twice":      {"account,person,account\n1,2,3\n", "line 1 of the CSV: column 3 is not one of"},
		"semicolons":          {"account;person\n1;2\n", "fields are separated by commas"},
		"no accounts":         {"person,use\ns3cr3t,admin\n", "line 1 of the CSV has no column account"},
		"a field too many":    {"account,person\n1,s3cr3t\n2,s3cr3t,3\n", "line 3 of the CSV: wrong number of fields"},
		"a quote left open":   {"account,person\n1,\"s3cr3t\n", "of the CSV: extraneous or missing \" in quoted-field"},
		"a spreadsheet":       {"PK\x03\x04\x00\x00", "line 1 of the CSV: column 1 is not one of"},
		"nothing but a break": {"\n\n", "the CSV is empty"},
	} {
		_, err := readRows(strings.NewReader(c.text), linkColumns, "")
		require.ErrorContains(t, err, c.says, name)
		require.NotContains(t, err.Error(), "s3cr3t", name)
	}
}

func TestAccountNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"100042": "onelogin/100042", "onelogin/7": "onelogin/7", "ldap/cn=ada": "ldap/cn=ada"} {
		ref, err := parseAccount(text)
		require.NoError(t, err)
		require.Equal(t, want, ref.String())
	}
	for _, text := range []string{"", "ada", "-4", "0", "onelogin/", "/7", "onelogin/ada", "1.5"} {
		_, err := parseAccount(text)
		require.Error(t, err, text)
	}
}
