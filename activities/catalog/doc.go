// Package catalog knows the roles and groups of the OneLogin account by name.
package catalog
