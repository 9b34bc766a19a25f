package app

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/oschwald/geoip2-golang/v2"

	"gatehouse/activities/incidents"
	"gatehouse/activities/people"
	"gatehouse/connectors/onelogin"
	"gatehouse/policy"
	"gatehouse/policy/detect"
)

// watch builds the activities that read events.
func (a *App) watch(v *Vendors, person *people.Person) error {
	events := &incidents.Events{
		Client: v.OneLogin.For(onelogin.Watch), ClientID: a.Config.OneLogin.ClientID, Ledger: a.Ledger, Person: person, Launch: a.Launch,
		Policy: v.Policy.Current, Clock: a.clock, Paging: a.Config.PagerDuty.RoutingKey != "",
		Accounts: v.Activities.Accounts,
	}
	v.Activities.Events = events
	if a.Config.Events.GeoIP == "" {
		return nil
	}
	places, err := geoip2.Open(a.Config.Events.GeoIP)
	if err != nil {
		return fmt.Errorf("events.geoip: open the database of addresses: %w", err)
	}
	a.closers = append(a.closers, places.Close)
	if _, err := places.City(netip.IPv4Unspecified()); err != nil {
		return fmt.Errorf("events.geoip: %s has no places: a City database is needed: %w", a.Config.Events.GeoIP, err)
	}
	events.Locate = func(ip netip.Addr) (detect.Place, bool) { return locate(places, ip) }
	return nil
}

func locate(places *geoip2.Reader, ip netip.Addr) (detect.Place, bool) {
	city, err := places.City(ip)
	if err != nil || !city.HasData() {
		return detect.Place{}, false
	}
	place := detect.Place{Country: city.Country.ISOCode}
	if city.Location.Latitude != nil && city.Location.Longitude != nil {
		place.Located, place.Latitude, place.Longitude = true, *city.Location.Latitude, *city.Location.Longitude
	}
	return place, true
}

// checkEvents compares the policy's event rules with the tenant's event types. OneLogin not answering is no error: the
// names are checked again whenever events are read.
func (v *Vendors) checkEvents(ctx context.Context, p *policy.Policy) error {
	if len(p.Detection().All()) == 0 {
		return nil
	}
	types, err := v.OneLogin.EventTypes(ctx)
	if err != nil {
		v.log.Warn("the policy's event types could not be compared with OneLogin; they are checked when events are read", "error", fmt.Sprint(err))
		return nil
	}
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name
	}
	return p.Detection().Check(names, v.Activities.Events.Locate != nil)
}
