// Package show says how everything stands, and changes nothing.
package show
