package identity

import (
	"fmt"
	"strings"
)

// SourceAccount is the pseudo-source of accounts without a person.
const SourceAccount = "onelogin"

// SplitKey takes a person's key apart into the source and the employee id it was made from.
func SplitKey(key string) (source, id string, err error) {
	source, id, ok := strings.Cut(key, "-")
	if !ok || id == "" {
		return "", "", fmt.Errorf("%q is not a person's key: write <source>-<employee id>, such as workday-21001", key)
	}
	if KeepsPeople(source) {
		return source, id, nil
	}
	return "", "", fmt.Errorf("%q names no HR source that Gatehouse knows: workday, bamboohr, sponsored or onelogin", key)
}

// KeepsPeople reports that a system has records or accounts of people, by which their keys are made.
func KeepsPeople(system string) bool {
	switch system {
	case SourceWorkday, SourceBambooHR, SourceSponsored, SourceAccount:
		return true
	}
	return false
}

// BareKey names an account that nobody in HR stands behind.
func BareKey(account int64) string { return fmt.Sprintf("%s-%d", SourceAccount, account) }
