package templates

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"regexp"
	"strings"
)

//go:embed style/*.css style/icon.svg icons/*.svg script/*.js
var assetFiles embed.FS

// Asset is a file that pages refer to. Its path carries a digest of its
// content, so it may be cached for ever.
type Asset struct {
	Path string // "/assets/insignia-1a2b3c4d.css"
	Type string // media type
	Body []byte // not to be changed
}

// Assets are all files that pages load, to be served as they are. Pages load nothing else.
var Assets = []Asset{Stylesheet, docsStylesheet, wideStylesheet, badgeStylesheet, shareStylesheet, embedStylesheet, shareScript, passkeyScript, siteIcon}

// Stylesheet is what all pages load.
var Stylesheet = asset("insignia", ".css", "text/css; charset=utf-8", squeeze)

// docsStylesheet is what only the page of the partner API needs besides.
var docsStylesheet = asset("docs", ".css", "text/css; charset=utf-8", squeeze)

// wideStylesheet is what only the table of many checks and the letters of the built-in mailbox need besides.
var wideStylesheet = asset("wide", ".css", "text/css; charset=utf-8", squeeze)

// badgeStylesheet is what only the pages of badges need besides, on screen and on paper.
var badgeStylesheet = asset("badge", ".css", "text/css; charset=utf-8", squeeze)

// shareStylesheet is what only the share page needs besides.
var shareStylesheet = asset("share", ".css", "text/css; charset=utf-8", squeeze)

// embedStylesheet is all that an embedded badge needs: it is small, and loads nothing else.
var embedStylesheet = asset("embed", ".css", "text/css; charset=utf-8", squeeze)

// shareScript is what the share page does beyond its links.
var shareScript = scriptAsset("share")

// passkeyScript is what pages with a PasskeyForm do besides.
var passkeyScript = scriptAsset("passkey")

// scriptAsset is a script, which stays as it is written.
func scriptAsset(name string) Asset {
	return assetIn("script", name, ".js", "text/javascript; charset=utf-8", bytes.TrimSpace)
}

var siteIcon = asset("icon", ".svg", "image/svg+xml", bytes.TrimSpace)

func asset(name, ext, media string, finish func([]byte) []byte) Asset {
	return assetIn("style", name, ext, media, finish)
}

func assetIn(folder, name, ext, media string, finish func([]byte) []byte) Asset {
	body, err := assetFiles.ReadFile(folder + "/" + name + ext)
	if err != nil {
		panic(err)
	}
	body = finish(body)
	sum := sha256.Sum256(body)
	return Asset{Path: "/assets/" + name + "-" + hex.EncodeToString(sum[:4]) + ext, Type: media, Body: body}
}

var cssSpace = regexp.MustCompile(`\s*([{};,>])\s*|(:) `)

// squeeze leaves out the spaces and semicolons of a stylesheet that only people need.
func squeeze(css []byte) []byte {
	css = cssSpace.ReplaceAll(css, []byte("$1$2"))
	return bytes.TrimSpace(bytes.ReplaceAll(css, []byte(";}"), []byte("}")))
}

// icons are drawn with the text: same colour, decorative, the word stands beside them.
var icons = loadIcons()

func loadIcons() map[string]template.HTML {
	files, err := assetFiles.ReadDir("icons")
	if err != nil {
		panic(err)
	}
	drawn := map[string]template.HTML{}
	for _, f := range files {
		svg, err := assetFiles.ReadFile("icons/" + f.Name())
		if err != nil {
			panic(err)
		}
		// Our own embedded drawing.
		drawn[strings.TrimSuffix(f.Name(), ".svg")] = template.HTML(strings.TrimSpace(string(svg)))
	}
	return drawn
}

func icon(name string) template.HTML { return icons[name] }
