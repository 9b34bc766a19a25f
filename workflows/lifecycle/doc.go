// Package lifecycle holds the runs about one person: the assessment, and the templates for joiners, movers and leavers that it hands on to.
package lifecycle
