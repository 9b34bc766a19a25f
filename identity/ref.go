package identity

import (
	"fmt"
	"strconv"
	"strings"
)

// SystemOneLogin is the system that decides who can sign in.
const SystemOneLogin = "onelogin"

// Ref names an account in any system.
type Ref struct {
	System string `json:"system"`
	ID     string `json:"id"`
}

// OneLoginRef names a OneLogin user by its id.
func OneLoginRef(id int64) Ref { return Ref{System: SystemOneLogin, ID: strconv.FormatInt(id, 10)} }

// String writes a Ref as "onelogin/42".
func (r Ref) String() string { return r.System + "/" + r.ID }

// OneLogin returns the OneLogin user id. Ok is false for an account of another system.
func (r Ref) OneLogin() (id int64, ok bool) {
	if r.System != SystemOneLogin {
		return 0, false
	}
	id, err := strconv.ParseInt(r.ID, 10, 64)
	return id, err == nil && id > 0
}

// ParseRef reads what String writes.
func ParseRef(text string) (Ref, error) {
	system, id, ok := strings.Cut(text, "/")
	if !ok || system == "" || id == "" {
		return Ref{}, fmt.Errorf("%q names no account: write <system>/<id>, such as onelogin/42", text)
	}
	return Ref{System: system, ID: id}, nil
}
