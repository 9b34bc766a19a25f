package ldap_test

import (
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// everyThree is a text in which every three letters or digits stand together somewhere (a sequence of de Bruijn's).
func everyThree() string {
	const letters, long = "abcdefghijklmnopqrstuvwxyz0123456789", 3
	var b strings.Builder
	word := make([]int, len(letters)*long)
	var visit func(at, period int)
	visit = func(at, period int) {
		if at > long {
			if long%period == 0 {
				for _, c := range word[1 : period+1] {
					b.WriteByte(letters[c])
				}
			}
			return
		}
		word[at] = word[at-period]
		visit(at+1, period)
		for c := word[at-period] + 1; c < len(letters); c++ {
			word[at] = c
			visit(at+1, at)
		}
	}
	visit(1, 1)
	return b.String() + letters[:1] + letters[:1]
}

// passwordsWithoutNames resets the password of somebody in whose names every three letters or digits stand together: a single such
// part in a password has it refused.
func passwordsWithoutNames(t *testing.T, h *house) {
	t.Helper()
	names := everyThree()
	require.Len(t, names, 36*36*36+2)
	dn := h.dn(5)
	req := goldap.NewModifyRequest(dn, nil)
	req.Add("ou", []string{names})
	require.NoError(t, h.conn.Modify(req))
	c, in := h.connector(), target.Write{ID: h.id(dn)}
	var e *connectors.Error
	require.ErrorAs(t, c.ResetPassword(t.Context(), target.ResetRequest{Write: in, Password: "Corr3ct-horse-battery"}), &e)
	require.Equal(t, target.CodePasswordPolicy, e.Code, "the directory refuses parts of names")
	for range 20 {
		require.NoError(t, c.ResetPassword(t.Context(), target.ResetRequest{Write: in}))
	}
	_, err := c.Suspend(t.Context(), in)
	require.NoError(t, err)
	require.NoError(t, c.ResetPassword(t.Context(), target.ResetRequest{Write: in}))
}
