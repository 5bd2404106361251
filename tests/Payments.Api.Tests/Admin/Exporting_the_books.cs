using System.Net;
using CsvHelper;
using Payments.Api.Admin;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;
using Payments.Domain.Shared;

namespace Payments.Api.Tests.Admin;

public sealed class Exporting_the_books(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Has_every_row_of_the_time_with_amounts_in_both_ways_and_is_in_the_audit_log()
    {
        using var admin = world.NewUser(null, "admin");
        using var finance = world.NewUser(null, "finance");
        using var ada = world.NewUser();
        var dollars = await ada.BuyAsync();
        var yen = await ada.BuyAsync(new { creditPackId = World.Japan });
        var plan = await ada.BuyAsync(new { planId = Plans.Monthly });
        foreach (var session in new[] { dollars, yen, plan })
        {
            await ada.PaidAsync(session);
        }

        await world.SettleAsync();
        await world.SpendAsync(ada, 30);
        await admin.RefundAsync(dollars, new { amount = 105, note = "=HYPERLINK(\"http://evil.example\")" });
        await world.SettleAsync();

        var payments = (await ReadAsync(finance, "payments")).Where(r => r["user_id"] == ada.Id.ToString()).ToDictionary(r => r["id"]);
        payments.Count.ShouldBe(3);
        var usd = payments[dollars["paymentId"]!.ToString()];
        (usd["currency"], usd["amount_minor"], usd["amount"], usd["refunded_minor"], usd["refunded"], usd["kind"], usd["status"]).ShouldBe(("usd", "999", "9.99", "105", "1.05", "creditPack", "partiallyRefunded"));
        var jpy = payments[yen["paymentId"]!.ToString()];
        (jpy["currency"], jpy["amount"]).ShouldBe(("jpy", jpy["amount_minor"]));

        var refund = (await ReadAsync(finance, "refunds")).Single(r => r["user_id"] == ada.Id.ToString());
        (refund["amount"], refund["payment_id"], refund["note"]).ShouldBe(("1.05", dollars["paymentId"]!.ToString(), "'=HYPERLINK(\"http://evil.example\")"));
        (await ReadAsync(finance, "credits")).Count(r => r["user_id"] == ada.Id.ToString() && r["kind"] == "spend" && r["change"] == "-30").ShouldBe(1);
        (await ReadAsync(finance, "invoices")).Single(r => r["user_id"] == ada.Id.ToString())["total"].ShouldBe("19.00");

        (await ReadAsync(finance, "payments", "?from=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z")).ShouldBeEmpty();
        var rows = (await admin.GetAsync($"admin/audit-log?actorId={finance.Id}&action=export."))["items"]!.AsArray();
        rows.Select(r => r!["action"]!.ToString()).ShouldBe(["export.payments", "export.invoices", "export.credits", "export.refunds", "export.payments"]);
        rows[0]!["after"]!["until"]!.ToString().ShouldStartWith("2020-02-01");
    }

    [Fact]
    public async Task Longer_ones_than_fit_into_one_read_are_whole_and_in_order()
    {
        const int many = 2501;
        using var finance = world.NewUser(null, "finance");
        await using var command = world.Database.CreateCommand(
            """
            INSERT INTO payments.payments (id, user_id, flow, kind, status, quantity, refunded_minor, description, credits, refund_policy, created_at, checks, amount_minor, currency, discount_minor, tax_minor, unit_price_minor)
            SELECT gen_random_uuid(), gen_random_uuid(), 'checkout', 'creditPack', 'expired', 1, 0, '+1', 1, 'debt', '2019-05-01T00:00:00Z'::timestamptz + (n / 2) * interval '1 second', 0, n, 'kwd', 0, 0, n
            FROM generate_series(1, $1) n
            """);
        command.Parameters.Add(new() { Value = many });
        await command.ExecuteNonQueryAsync();

        var rows = await ReadAsync(finance, "payments", "?from=2019-05-01T00:00:00Z&until=2019-06-01T00:00:00Z");

        rows.Count.ShouldBe(many);
        rows.Select(r => r["id"]).ShouldBeUnique();
        rows.Select(r => r["created_at"]).ShouldBe(rows.Select(r => r["created_at"]).Order(StringComparer.Ordinal));
        rows.ShouldAllBe(r => r["description"] == "'+1");
        rows.Single(r => r["amount_minor"] == "1250")["amount"].ShouldBe("1.250");
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData(null, null)]
    public void A_text_is_never_a_formula(string? text, string? cell) => Column<int>.Harmless(text).ShouldBe(cell);

    [Theory]
    [InlineData(5, "usd", "0.05")]
    [InlineData(-1999, "usd", "-19.99")]
    [InlineData(1200, "jpy", "1200")]
    [InlineData(1250, "kwd", "1.250")]
    [InlineData(0, "kwd", "0.000")]
    [InlineData(-5, "kwd", "-0.005")]
    public void A_decimal_has_the_digits_of_its_currency(long minor, string currency, string cell) => Column<int>.Decimal(new Money(minor, Currency.Of(currency))).ShouldBe(cell);

    [Fact]
    public async Task A_time_that_ends_before_it_begins_is_refused_before_anything_is_written()
    {
        using var finance = world.NewUser(null, "finance");

        using var answer = await finance.Http.GetAsync("api/v1/admin/exports/payments.csv?from=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    private static async Task<List<Dictionary<string, string>>> ReadAsync(Caller staff, string book, string query = "")
    {
        using var answer = await staff.Http.GetAsync($"api/v1/admin/exports/{book}.csv{query}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/csv; charset=utf-8");
        using var csv = CsvReader.FromText(await answer.Content.ReadAsStringAsync());
        csv.ReadHeader();
        var headers = csv.Headers.ToArray();
        var rows = new List<Dictionary<string, string>>();
        while (csv.Read())
        {
            rows.Add(headers.Select((header, i) => (header, Cell: csv.GetString(i))).ToDictionary(h => h.header, h => h.Cell));
        }

        return rows;
    }
}
