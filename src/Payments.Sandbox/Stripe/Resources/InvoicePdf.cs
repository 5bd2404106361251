using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>An invoice as a PDF file: plain text on A4 pages in a font that every reader has.</summary>
internal static class InvoicePdf
{
    private const int RowsPerPage = 46;
    private const int Columns = 86;

    public static void Map(IEndpointRouteBuilder app, Engine engine) => app.MapGet("/invoice/{id}/pdf", (string id) =>
    {
        var stored = engine.Read(store => store.Find(id));
        var invoice = stored is null ? null : Json.Parse(stored.Json);
        return invoice.Text("object") is Invoices.Type && invoice.Text("number") is { } number
            ? Results.File(Of(invoice!), "application/pdf", $"Invoice-{number}.pdf")
            : Results.NotFound();
    });

    public static byte[] Of(JsonObject invoice) => Document([.. Rows(invoice).Chunk(RowsPerPage)]);

    private static IEnumerable<string> Rows(JsonObject invoice)
    {
        var currency = invoice.Text("currency")!;
        yield return $"Invoice {invoice.Text("number")}";
        yield return $"From {invoice.Text("account_name")}";
        yield return $"To {invoice.Text("customer_name") ?? invoice.Text("customer_email") ?? invoice.Text("customer")}";
        yield return $"Date {Day(invoice.Integer("effective_at") ?? invoice.Integer("created")!.Value)}    Status {invoice.Text("status")}";
        yield return "";
        foreach (var line in invoice.Hash("lines").Items("data")!)
        {
            yield return Row(line.Text("description") ?? "", line.Integer("amount")!.Value);
            yield return $"    {Day(line!["period"].Integer("start")!.Value)} - {Day(line["period"].Integer("end")!.Value)}";
        }

        yield return "";
        yield return Row("Subtotal", invoice.Integer("subtotal")!.Value);
        foreach (var discount in invoice.Items("total_discount_amounts")!)
        {
            yield return Row("Discount", -discount.Integer("amount")!.Value);
        }

        foreach (var (tax, rate) in invoice.Items("total_taxes")!.Zip(invoice.Items("default_tax_rates")!))
        {
            var inclusive = tax.Text("tax_behavior") is "inclusive" ? ", included" : "";
            yield return Row($"{rate.Text("display_name")} {rate.Number("percentage")?.ToString(CultureInfo.InvariantCulture)}%{inclusive}", tax.Integer("amount")!.Value);
        }

        yield return Row("Total", invoice.Integer("total")!.Value);
        yield return Row("Amount paid", invoice.Integer("amount_paid")!.Value);
        yield return Row("Amount remaining", invoice.Integer("amount_remaining")!.Value);

        string Row(string text, long amount)
        {
            var right = Currencies.FormatOnInvoice(amount, currency);
            var room = Columns - right.Length - 2;
            return (text.Length > room ? text[..room] : text).PadRight(room + 2) + right;
        }

        static string Day(long time) => DateTimeOffset.FromUnixTimeSeconds(time).ToString("d MMM yyyy", CultureInfo.InvariantCulture);
    }

    /// <summary>The objects of a PDF file one after another, and the table of where each begins.</summary>
    private static byte[] Document(string[][] pages)
    {
        using var file = new MemoryStream();
        var starts = new List<long>();
        Write("%PDF-1.4\n");
        Add("<< /Type /Catalog /Pages 2 0 R >>");
        Add($"<< /Type /Pages /Count {pages.Length} /Kids [{string.Join(' ', Enumerable.Range(0, pages.Length).Select(i => $"{4 + (2 * i)} 0 R"))}] >>");
        Add("<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>");
        foreach (var page in pages)
        {
            Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {starts.Count + 2} 0 R >>");
            var text = "BT /F1 10 Tf 16 TL 40 790 Td\n" + string.Concat(page.Select(row => $"({Escaped(row)}) Tj T*\n")) + "ET";
            Add($"<< /Length {Encoding.Latin1.GetByteCount(text)} >>\nstream\n{text}\nendstream");
        }

        var table = file.Position;
        Write($"xref\n0 {starts.Count + 1}\n0000000000 65535 f \n");
        foreach (var start in starts)
        {
            Write($"{start.ToString("0000000000", CultureInfo.InvariantCulture)} 00000 n \n");
        }

        Write($"trailer\n<< /Size {starts.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        return file.ToArray();

        void Add(string content)
        {
            starts.Add(file.Position);
            Write($"{starts.Count} 0 obj\n{content}\nendobj\n");
        }

        void Write(string text) => file.Write(Encoding.Latin1.GetBytes(text));
    }

    /// <summary>The font knows Latin letters only; the euro has a place of its own in its encoding.</summary>
    private static string Escaped(string row) => string.Concat(row.Select(c => c switch
    {
        '(' or ')' or '\\' => $"\\{c}",
        '€' => "\\200",
        >= ' ' and <= '~' or >= '\u00a1' and <= '\u00ff' => c.ToString(),
        _ => "?",
    }));
}
