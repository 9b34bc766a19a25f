package identity

import "slices"

// Aliases are those of some addresses that an account does not go by, folded, each once, and in order, so that a system which shows them in
// another order shows the same.
func Aliases(a Account, addresses []string) []string {
	var further []string
	for _, address := range addresses {
		folded := FoldAddress(address)
		if folded != "" && folded != FoldAddress(a.Email) && folded != FoldAddress(a.Username) && folded != FoldAddress(a.UserPrincipalName) {
			further = append(further, folded)
		}
	}
	slices.Sort(further)
	return slices.Compact(further)
}
