package art

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var sheetDir = flag.String("sheet", "", "write contact sheets of sample designs to this folder")

var samples = []Design{
	{Title: "Microsoft Azure Fundamentals", Kind: KindExam, Issuer: "Northwind Credentials", Code: "AZ-900", Lang: "en"},
	{Title: "Azure Fundamentals", Kind: KindCertification, Level: "fundamentals", Issuer: "Northwind Credentials", Code: "azure-fundamentals", Lang: "en"},
	{Title: "Azure Administrator Associate", Kind: KindCertification, Level: "associate", Issuer: "Northwind Credentials", Code: "azure-administrator", Lang: "en"},
	{Title: "Azure Solutions Architect Expert", Kind: KindCertification, Level: "expert", Issuer: "Northwind Credentials", Code: "solutions-architect-expert", Lang: "en"},
	{Title: "Designing and Implementing Microsoft DevOps Solutions", Kind: KindExam, Level: "expert", Issuer: "Northwind Credentials", Code: "AZ-400", Lang: "en"},
	{Title: "Dynamics 365 Supply Chain Management Functional Consultant Associate", Kind: KindCertification, Level: "associate", Issuer: "Northwind Credentials", Code: "dynamics-supply-chain-consultant", Lang: "en"},
	{Title: "Microsoft Dynamics 365 Supply Chain Management Functional Consultant", Kind: KindExam, Issuer: "Northwind Credentials", Code: "MB-330", Lang: "en"},
	{Title: "Especialista en administración de redes híbridas", Kind: KindCertification, Level: "master", Issuer: "Cámara Oficial de Comercio, Industria y Navegación", Code: "redes", Lang: "es"},
	{Title: "Ñuño Chloé", Kind: KindExam, Level: "associate", Issuer: "École supérieure d’ingénierie", Code: "70-740", Lang: "fr"},
	{Title: "山田太郎", Kind: KindCertification, Level: "expert", Issuer: "Northwind Credentials", Code: "CCNP-ENT", Lang: "ja"},
	{Title: "العربية", Kind: KindExam, Issuer: "العربية", Code: "AR-10", Lang: "ar"},
	{Title: "Инженер данных", Kind: KindExam, Level: "fundamentals", Issuer: "Академия", Code: "data-engineer-professional", Lang: "ru"},
	{Title: "Excel", Kind: KindCertification, Issuer: "Acme", Code: "x1", Lang: "en"},
	{Title: "Word (Microsoft 365 Apps and Office 2019)", Kind: KindExam, Issuer: "Contoso Certification Board International", Code: "MO-100", Lang: "en"},
	{Title: "数据", Kind: KindCertification, Issuer: "", Code: "数据", Lang: "zh"},
}

// TestSheet draws every sample at the sizes that matter, on light and dark
// ground, and a programme. Without -sheet DIR, where nobody looks, small is enough.
func TestSheet(t *testing.T) {
	keep(t, "64.png", sheet(t, samples, 5, 64))
	if *sheetDir == "" {
		return
	}
	keep(t, "600.png", sheet(t, samples, 5, 600))
	keep(t, "192.png", sheet(t, samples, 5, 192))
	keep(t, "programme.png", sheet(t, designs(t, sharedProgramme), 14, 140))
	for i, d := range samples {
		svg := Badge(d)
		picture, err := PNG(svg, 600)
		if err != nil {
			t.Fatal(err)
		}
		keep(t, string(rune('a'+i))+".svg", svg)
		keep(t, string(rune('a'+i))+".png", picture)
	}
}

// keep writes a file for people to look at, when they asked for it.
func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	if *sheetDir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*sheetDir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sheet shows all designs twice: on white above, on the dark page colour below.
func sheet(t *testing.T, all []Design, columns, size int) []byte {
	t.Helper()
	cell := size + size/8
	rows := (len(all) + columns - 1) / columns
	out := image.NewRGBA(image.Rect(0, 0, columns*cell, rows*cell*2))
	half := out.Bounds()
	half.Max.Y /= 2
	draw.Draw(out, out.Bounds(), image.NewUniform(color.RGBA{0x14, 0x18, 0x1D, 255}), image.Point{}, draw.Src)
	draw.Draw(out, half, image.White, image.Point{}, draw.Src)
	for i, d := range all {
		data, err := PNG(Badge(d), size)
		if err != nil {
			t.Fatalf("%s: %v", d.Title, err)
		}
		picture := decode(t, data)
		at := image.Pt(i%columns*cell+size/16, i/columns*cell+size/16)
		draw.Draw(out, picture.Bounds().Add(at), picture, image.Point{}, draw.Over)
		draw.Draw(out, picture.Bounds().Add(at.Add(image.Pt(0, half.Max.Y))), picture, image.Point{}, draw.Over)
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, out); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
