using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

public sealed class Keeping_a_payment : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new DateTimeOffset(2026, 7, 29, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123_457);

    private TestDatabase database = null!;

    public async Task InitializeAsync() => database = await TestDatabase.NewAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task loses_nothing_of_it()
    {
        var payment = New("kwd");
        payment.SessionOpened("cs_1", "https://pay.example/cs_1", Now.AddHours(1), Now);
        payment.Checked(Now);
        payment.Report(Paid(payment), Now.AddMinutes(3)).ShouldBe(ReportEffect.Succeeded);

        var kept = await KeptAsync(payment);

        Facts(kept).ShouldBe(Facts(payment));
        (kept.Amount, kept.Total, kept.Discount, kept.Tax, kept.Refunded).ShouldBe((Kwd(3000), Kwd(2500), Kwd(600), Kwd(100), Kwd(0)));
        (kept.Credits, kept.Quantity, kept.CreditsExpireAfterDays).ShouldBe((1500, 3, 90));
        (kept.Flow, kept.Kind, kept.Status, kept.RefundPolicy).ShouldBe((PaymentFlow.Checkout, PaymentKind.CreditPack, PaymentStatus.Succeeded, RefundPolicy.Clamp));
        kept.CompletedAt.ShouldBe(Now.AddMinutes(3));
    }

    [Fact]
    public async Task loses_nothing_of_one_that_has_only_begun_or_failed()
    {
        var begun = New("usd");
        var failed = New("jpy");
        failed.OpeningRefused("amount_too_small", "Zu klein.", Now);

        Facts(await KeptAsync(begun)).ShouldBe(Facts(begun));
        Facts(await KeptAsync(failed)).ShouldBe(Facts(failed));
        (await database.ScalarAsync<string>("SELECT gateway || metadata::text FROM payments.payments WHERE id = $1", begun.Id.Value)).ShouldBe("stripe{}");
    }

    [Fact]
    public async Task has_another_version_after_each_change_and_the_lock_sees_the_newest()
    {
        var payment = New("usd");
        var first = (await KeptAsync(payment)).Version;
        first.ShouldNotBe(0u);

        await using var db = database.Context();
        await using (var transaction = await db.BeginAsync(CancellationToken.None))
        {
            var locked = (await db.LockPaymentsAsync([payment.Id], CancellationToken.None)).ShouldHaveSingleItem();
            locked.Version.ShouldBe(first);
            locked.Checked(Now.AddMinutes(1));
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }

        await using var later = database.Context();
        var second = await later.Payments.AsNoTracking().SingleAsync(p => p.Id == payment.Id);
        second.Version.ShouldNotBe(first);
        second.Checks.ShouldBe(1);
    }

    [Fact]
    public async Task locks_in_the_order_of_ids_so_that_nobody_waits_in_a_circle()
    {
        var payments = new List<PaymentId>();
        for (var i = 0; i < 8; i++)
        {
            payments.Add((await KeptAsync(New("usd"))).Id);
        }

        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Task.Run(async () =>
        {
            await using var db = database.Context();
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            foreach (var payment in await db.LockPaymentsAsync([.. payments.OrderBy(_ => Random.Shared.Next())], CancellationToken.None))
            {
                payment.Checked(Now);
            }

            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        })));

        (await database.ColumnAsync<int>("SELECT DISTINCT checks FROM payments.payments")).ShouldBe([12]);
    }

    [Fact]
    public async Task finds_it_by_its_session_or_its_intent()
    {
        var payment = New("usd");
        payment.Report(Paid(payment) with { SessionId = "cs_7", IntentId = "pi_7" }, Now);
        await KeptAsync(payment);
        await KeptAsync(New("usd"));
        await using var db = database.Context();

        (await db.FindReferencesAsync(["cs_7", "cs_none"], [], default)).ShouldHaveSingleItem().Id.ShouldBe(payment.Id);
        (await db.FindReferencesAsync([], ["pi_7"], default)).ShouldHaveSingleItem().SessionId.ShouldBe("cs_7");
        (await db.FindReferencesAsync(["pi_7"], ["cs_7"], default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task pages_newest_first_without_a_gap_or_a_repeat_where_times_are_equal()
    {
        var user = new UserId(Guid.NewGuid());
        for (var i = 0; i < 23; i++)
        {
            await KeptAsync(New("usd", user, Now.AddMinutes(i / 5)));
        }

        await KeptAsync(New("usd"));
        await using var db = database.Context();
        List<Payment> seen = [];
        Cursor? cursor = null;
        for (var page = await db.PaymentsPageAsync(user, cursor, 4, default); page.Count > 0; page = await db.PaymentsPageAsync(user, cursor, 4, default))
        {
            seen.AddRange(page);
            cursor = Cursor.Parse(new Cursor(page[^1].CreatedAt, page[^1].Id.Value).ToString());
        }

        seen.Select(p => p.Id).Distinct().Count().ShouldBe(23);
        seen.Count.ShouldBe(23);
        seen.Select(p => p.CreatedAt).ShouldBe(seen.Select(p => p.CreatedAt).OrderDescending());
    }

    [Fact]
    public async Task keeps_the_request_as_it_will_be_sent_to_the_byte()
    {
        var body = "line_items[0][price_data][product_data][name]=Gr%C3%B6%C3%9Fe+M%20\t \"'\\ ×" + new string('x', 5000);
        var request = new GatewayRequest(Guid.NewGuid(), "POST /v1/checkout/sessions", body, Now);
        await using (var db = database.Context())
        {
            db.GatewayRequests.Add(request);
            await db.SaveChangesAsync();
        }

        await using var later = database.Context();
        var kept = await later.GatewayRequests.SingleAsync(r => r.SubjectId == request.SubjectId);

        (kept.Body, kept.Operation, kept.IdempotencyKey, kept.PreparedAt).ShouldBe((body, request.Operation, request.IdempotencyKey, Now));
    }

    private static Money Kwd(long minor) => new(minor, Currency.Of("kwd"));

    private static Payment New(string currency, UserId? user = null, DateTimeOffset? at = null) => Payment.Open(
        new PaymentId(Guid.CreateVersion7()),
        user ?? new UserId(Guid.NewGuid()),
        PaymentFlow.Checkout,
        new PaymentTerms(PaymentKind.CreditPack, new CreditPackId(Guid.NewGuid()), "3 × Größe M", new Money(1000, Currency.Of(currency)), 3, 1500, 90, RefundPolicy.Clamp),
        "SPRING",
        $"key-{Guid.NewGuid()}",
        "pm_1",
        Now.AddHours(1),
        at ?? Now);

    private static PaymentReport Paid(Payment payment) => new(
        ReportedState.Paid, "cs_1", "pi_1", "ch_1", payment.Amount, payment.Amount with { Minor = 2500 }, payment.Amount with { Minor = 600 }, payment.Amount with { Minor = 100 }, null, null, Now) { IsFresh = true };

    /// <summary>Saved, and read by another context.</summary>
    private async Task<Payment> KeptAsync(Payment payment)
    {
        await using (var db = database.Context())
        {
            db.Payments.Add(payment);
            await db.SaveChangesAsync();
        }

        await using var later = database.Context();
        return await later.Payments.AsNoTracking().SingleAsync(p => p.Id == payment.Id);
    }

    /// <summary>Every public property but the version, which only the database knows.</summary>
    private static List<string> Facts(Payment payment) =>
        [.. typeof(Payment).GetProperties().Where(p => p.Name != nameof(Payment.Version)).Select(p => $"{p.Name}={p.GetValue(payment)}")];
}
