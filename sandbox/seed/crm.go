package seed

import (
	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/salesforce"
)

const (
	// mostInCRM is how many people the company has in Salesforce at most, whatever its size, if nobody says otherwise.
	mostInCRM = 60
	// spareInCRM are licences that nobody has, where more people are in Salesforce than usual.
	spareInCRM = 40
)

// CRM gives the people of Sales their users in Salesforce, as many as are given or 60. Nobody has ever taken one back: who has left is
// active there. Every fifth has no federation id, as if made by hand.
func CRM(org *salesforce.Salesforce, records []*hr.Record, most int) error {
	if most == 0 {
		most = mostInCRM
	} else if err := org.SetLicences("Salesforce", most+spareInCRM); err != nil {
		return err
	}
	n := 0
	for _, r := range records {
		if r.Department != "Sales" || r.WorkEmail == "" || n == most {
			continue
		}
		n++
		p := salesforce.Person{
			Username: r.WorkEmail + ".crm", Email: r.WorkEmail, FirstName: r.FirstName, LastName: r.LastName, Title: r.Title,
			Department: r.Department, Profile: salesforce.ProfileSales, FederationID: r.WorkEmail,
			Sets: []string{salesforce.PermissionSets[0], salesforce.PermissionSets[1+n%4]},
		}
		if n%5 == 0 {
			p.FederationID = ""
		}
		if _, err := org.AddUser(p); err != nil {
			return err
		}
	}
	return nil
}
