package people

import (
	"strconv"
	"strings"

	"gatehouse/identity"
)

// CredentialOwners are the OneLogin users that own API credentials, by id or username. A credential dies with its user:
// deleting one of them would stop every program that signs in with it, and nobody could contain anybody any more.
type CredentialOwners []string

// Own reports that an account owns an API credential.
func (c CredentialOwners) Own(a identity.Account) bool {
	for _, owner := range c {
		if owner == strconv.FormatInt(a.ID, 10) || a.Username != "" && strings.EqualFold(owner, strings.TrimSpace(a.Username)) {
			return true
		}
	}
	return false
}
