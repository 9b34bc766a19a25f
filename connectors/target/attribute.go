package target

// Attribute is the value of an attribute of the account, by its name. Known is false for one that no account shows.
func (a Account) Attribute(name string) (value string, known bool) {
	d := a.Document
	values := map[string]string{
		AttributeFirstName: d.FirstName, AttributeLastName: d.LastName, AttributeDisplayName: d.DisplayName, AttributeEmail: d.Email,
		AttributeTitle: d.Title, AttributeDepartment: d.Department, AttributeCompany: d.Company, AttributePhone: d.Phone,
		AttributeMobile: d.Mobile, AttributeLocation: d.Location, AttributeExternalID: d.ExternalID, AttributeManager: a.Manager,
		AttributeProfile: a.Profile, AttributeFederationID: d.UserPrincipalName,
	}
	value, known = values[name]
	return value, known
}
