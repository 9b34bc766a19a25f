package soql_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/salesforce/soql"
)

func TestWhatIsRead(t *testing.T) {
	t.Parallel()
	q, err := soql.Parse(`select Id, Profile.UserLicense.Name from User where (IsActive = true and Name like 'O\'Neil%') or Id not in ('a','b') order by Name desc nulls last, Id limit 5 offset 2`)
	require.NoError(t, err)
	require.Equal(t, "User", q.Object)
	require.Equal(t, "Profile.UserLicense.Name", q.Fields[1].String())
	require.Equal(t, "OR", q.Where.Join)
	require.Equal(t, "AND", q.Where.Parts[0].Join)
	require.Equal(t, true, q.Where.Parts[0].Parts[0].Values[0].Value)
	require.Equal(t, "O'Neil%", q.Where.Parts[0].Parts[1].Values[0].Value)
	require.Equal(t, "NOT IN", q.Where.Parts[1].Op)
	require.Len(t, q.Where.Parts[1].Values, 2)
	require.True(t, q.Orders[0].Down && q.Orders[0].NullsLast)
	require.Equal(t, [2]int{5, 2}, [2]int{q.Limit, q.Offset})
	q, err = soql.Parse("SELECT COUNT() FROM User WHERE LastModifiedDate > 2026-11-23T12:00:00Z AND ManagerId != null")
	require.NoError(t, err)
	require.True(t, q.Count)
	require.Equal(t, -1, q.Limit)
	require.Nil(t, q.Where.Parts[1].Values[0].Value)
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                                  "unexpected token: '<EOF>'",
		"SELECT":                            "unexpected token: '<EOF>'",
		"SELECT * FROM User":                "no viable alternative at character '*'",
		"SELECT Id FORM User":               "unexpected token: 'FORM'",
		"SELECT Id, FROM User":              "unexpected token: 'FROM'",
		"SELECT Id FROM User WHERE":         "unexpected token: '<EOF>'",
		"SELECT Id FROM User WHERE A = 'b":  "mismatched character '<EOF>'",
		`SELECT Id FROM User WHERE A = '\x`: "Illegal character sequence in string literal",
		"SELECT Id FROM User WHERE A = 1 AND B = 2 OR C = 3":                                     "unexpected token: 'OR'",
		"SELECT Id FROM User WHERE A = b":                                                        "unexpected token: 'b'",
		"SELECT Id FROM User WHERE A IN ()":                                                      "unexpected token: ')'",
		"SELECT Id FROM User LIMIT 5 WHERE A = 1":                                                "unexpected token: 'WHERE'",
		"SELECT Id FROM User LIMIT -1":                                                           "unexpected token: '-1'",
		"SELECT Id FROM User ORDER Id":                                                           "unexpected token: 'Id'",
		"SELECT Id FROM User WHERE A = 'b' 'c'":                                                  "unexpected token: 'c'",
		"SELECT Id FROM User; DELETE":                                                            "no viable alternative at character ';'",
		"SELECT Id FROM User WHERE A IN (SELECT Id FROM User)":                                   "unexpected token: 'SELECT'",
		"SELECT Id, (SELECT Id FROM Contacts) FROM User":                                         "unexpected token: '('",
		"SELECT Id FROM User WHERE A = 'b' OR '1' = '1'":                                         "unexpected token: '1'",
		"SELECT Id FROM User WHERE " + strings.Repeat("A = 'b' OR ", 10_000) + "A = 'b'":         "cannot be longer than 100000 characters",
		"SELECT Id FROM User WHERE LastModifiedDate > 2026-13-45T12:00:00Z AND ManagerId = null": "unexpected token",
	} {
		_, err := soql.Parse(query)
		var e *soql.Error
		require.ErrorAs(t, err, &e, query)
		require.Contains(t, e.Error(), want, query)
		require.Contains(t, e.Error(), "ERROR at Row:1:Column:", query)
	}
}
