// Package templates is everything a person reads: the pages, the letters, the
// words in English, Spanish and French, the stylesheet and the icons.
//
// Each page and each letter is one Go type whose fields are finished values
// (text, times, addresses), never objects of another package; the templates
// themselves only ask and repeat. The package holds no rules, reads no clock,
// no file and no network, and imports nothing of ours, so that whoever fills a
// page decides what is true and this package only decides how it is said.
package templates
