using FsCheck;
using FsCheck.Fluent;
using Payments.Application.Users.Contracts;
using Payments.Application.Users.Credits;
using Payments.Domain.Shared;
using Payments.Domain.Tests.Credits;
using Payments.Domain.Users.Credits;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>The ledger as the application keeps it: the domain's model again, and what only a database can show.</summary>
#pragma warning disable CA1001 // xunit disposes them by IAsyncLifetime.
public sealed class Keeping_credits_in_a_real_database : IAsyncLifetime
#pragma warning restore CA1001
{
    private TestDatabase database = null!;
    private Accounts accounts = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.NewAsync();
        accounts = new Accounts(database);
    }

    public async Task DisposeAsync()
    {
        var proof = await new LedgerProof(database.Source, TimeProvider.System).VerifyAsync(CancellationToken.None);
        await accounts.DisposeAsync();
        await database.DisposeAsync();
        // The payments of these credits are only ids here.
        proof.Differences.Where(d => d.Kind != "grant.unpaid").ShouldBeEmpty();
    }

    [Fact]
    public async Task agrees_with_the_model_whatever_happens()
    {
        foreach (var history in History.Any.Generator.Sample(25, new Rnd((ulong)Random.Shared.NextInt64()), 80))
        {
            await LiveAsync(history);
        }
    }

    [Fact]
    public async Task spends_what_expires_first_and_then_what_is_older()
    {
        var user = await accounts.NewUserAsync();
        await accounts.GrantAsync(user, 10);
        await accounts.GrantAsync(user, 10, TimeSpan.FromDays(30));
        accounts.Clock.Now = accounts.Clock.Now.AddHours(1);
        await accounts.GrantAsync(user, 10, TimeSpan.FromDays(1));
        await accounts.GrantAsync(user, 10);

        await accounts.SendAsync(new ConsumeCredits(user, 25, "evaluation", "1"));

        (await database.ColumnAsync<long>("SELECT remaining FROM users.credit_lots ORDER BY expires_at NULLS LAST, created_at")).ShouldBe([0, 0, 5, 10]);
    }

    [Fact]
    public async Task never_goes_below_zero_when_many_spend_at_once()
    {
        var user = await accounts.NewUserAsync();
        await accounts.GrantAsync(user, 60, TimeSpan.FromDays(1));
        await accounts.GrantAsync(user, 40);

        var spends = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => Task.Run(async () =>
        {
            try
            {
                return i % 3 == 0
                    ? (await accounts.SendAsync(new HoldCredits(user, 1, "assignment", $"{i}"))).Amount
                    : (await accounts.SendAsync(new ConsumeCredits(user, 1, "evaluation", $"{i}"))).Amount;
            }
            catch (Refusal refusal) when (refusal.Code == "credits.insufficient")
            {
                return 0;
            }
        })));

        spends.Sum().ShouldBe(100);
        (await accounts.SendAsync(new GetCredits(user, null, null))).Credits.ShouldBe(0);
    }

    [Fact]
    public async Task spends_a_reason_and_reference_once_however_often_it_is_sent()
    {
        var user = await accounts.NewUserAsync();
        await accounts.GrantAsync(user, 100);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => accounts.SendAsync(new ConsumeCredits(user, 7, "evaluation", "once")))));

        answers.Distinct().ShouldHaveSingleItem().Credits.ShouldBe(93);
        (await Should.ThrowAsync<Refusal>(() => accounts.SendAsync(new ConsumeCredits(user, 8, "evaluation", "once")))).Message.ShouldContain("for 7 credits");
        (await Should.ThrowAsync<Refusal>(() => accounts.SendAsync(new HoldCredits(user, 7, "evaluation", "once")))).Code.ShouldBe("credits.reference_reused");
    }

    [Fact]
    public async Task takes_a_spend_after_the_capture_of_the_same_reason_and_reference_for_the_same_spend()
    {
        var user = await accounts.NewUserAsync();
        await accounts.GrantAsync(user, 100);
        var hold = await accounts.SendAsync(new HoldCredits(user, 10, "evaluation", "1"));
        (await Should.ThrowAsync<Refusal>(() => accounts.SendAsync(new ConsumeCredits(user, 10, "evaluation", "1")))).Code.ShouldBe("credits.reference_held");
        await accounts.SendAsync(new CaptureHold(user, hold.Id, 7));

        (await accounts.SendAsync(new ConsumeCredits(user, 7, "evaluation", "1"))).Amount.ShouldBe(7);
        (await Should.ThrowAsync<Refusal>(() => accounts.SendAsync(new ConsumeCredits(user, 10, "evaluation", "1")))).Message.ShouldContain("for 7 credits");

        (await accounts.SendAsync(new GetCredits(user, null, null))).Credits.ShouldBe(93);
    }

    [Fact]
    public async Task captures_or_releases_a_hold_but_not_both_at_once()
    {
        var user = await accounts.NewUserAsync();
        await accounts.GrantAsync(user, 100);
        for (var i = 0; i < 5; i++)
        {
            var hold = await accounts.SendAsync(new HoldCredits(user, 10, "assignment", $"{i}"));
            var ends = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Task.Run(async () =>
            {
                try
                {
                    return (await (n % 2 == 0 ? accounts.SendAsync(new CaptureHold(user, hold.Id, null)) : accounts.SendAsync(new ReleaseHold(user, hold.Id)))).Status;
                }
                catch (Refusal refusal) when (refusal.Code == "hold.closed")
                {
                    return (CreditHoldStatus?)null;
                }
            })));

            ends.Where(e => e is not null).Distinct().ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task takes_back_what_a_late_hold_returns_to_an_expired_lot()
    {
        var user = await accounts.NewUserAsync();
        await accounts.GrantAsync(user, 10, TimeSpan.FromMinutes(10));
        var hold = await accounts.SendAsync(new HoldCredits(user, 7, "assignment", "1"));
        accounts.Clock.Now = accounts.Clock.Now.AddMinutes(12);
        (await accounts.SendAsync(new GetCredits(user, null, null))).Credits.ShouldBe(0, "not even before the sweep");
        (await accounts.SendAsync(new CaptureHold(user, hold.Id, 4))).Credits.ShouldBe(0);

        (await accounts.SendAsync(new GetCredits(user, null, null))).Held.ShouldBe(0);
    }

    [Fact]
    public async Task ends_what_is_due_for_all_users_and_then_nothing_more()
    {
        for (var i = 0; i < 5; i++)
        {
            var user = await accounts.NewUserAsync();
            await accounts.GrantAsync(user, 10, TimeSpan.FromMinutes(5));
            await accounts.GrantAsync(user, 10);
            await accounts.SendAsync(new HoldCredits(user, 12, "assignment", "1"));
        }

        accounts.Clock.Now = accounts.Clock.Now.AddMinutes(20);
        (await accounts.SendAsync(new ExpireDueCredits(3))).ShouldBe(3);
        (await accounts.SendAsync(new ExpireDueCredits(3))).ShouldBe(2);
        (await accounts.SendAsync(new ExpireDueCredits(3))).ShouldBe(0);

        (await database.ColumnAsync<long>("SELECT credits FROM users.users")).ShouldBe([10, 10, 10, 10, 10]);
        (await database.ColumnAsync<string>("SELECT DISTINCT status FROM users.credit_holds")).ShouldBe(["expired"]);
    }

    [Fact]
    public async Task grants_many_people_at_once_in_any_order_without_a_deadlock()
    {
        var users = new List<UserId>();
        for (var i = 0; i < 6; i++)
        {
            users.Add(await accounts.NewUserAsync());
        }

        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Task.Run(() => accounts.GrantAsync(
            [.. users.OrderBy(_ => Random.Shared.Next()).Select((u, i) => new CreditGrant(u, $"grant:{n}:{i}", 5, "purchase", "Starter", null, null))]))));

        (await database.ColumnAsync<long>("SELECT credits FROM users.users")).ShouldBe([100, 100, 100, 100, 100, 100]);
    }

    [Fact]
    public async Task adds_up_in_the_statement()
    {
        var user = await accounts.NewUserAsync();
        await accounts.GrantAsync(user, 100);
        var hold = await accounts.SendAsync(new HoldCredits(user, 30, "assignment", "1"));
        await accounts.SendAsync(new CaptureHold(user, hold.Id, 20));
        await accounts.SendAsync(new ConsumeCredits(user, 5, "evaluation", "2"));

        var statement = await accounts.SendAsync(new GetCredits(user, null, null));

        statement.Credits.ShouldBe(75);
        statement.Items.Sum(line => line.Change).ShouldBe(75);
        statement.Items.Count.ShouldBe(5);
    }

    private async Task LiveAsync(History history)
    {
        var user = await accounts.NewUserAsync();
        var model = new Model();
        accounts.Clock.Now = Model.Start;
        var holds = new List<HoldView>();
        var purchases = new Purchases();
        var payments = new List<PaymentId>();
        for (var i = 0; i < history.Steps.Count; i++)
        {
            var step = history.Steps[i] is Pass pass ? pass with { Ticked = true } : history.Steps[i];
            if (!IsSendable(step, holds.Count))
            {
                continue;
            }

            var refusal = await DoAsync(user, step, holds, purchases, payments);

            var at = $"after step {i + 1} ({step}) of{history}";
            var expected = model.Do(step);
            if (!(refusal is null && expected == "hold.closed"))
            {
                // A repeated capture or release gets the first answer, where the model only knows that it is over.
                refusal.ShouldBe(expected, at);
            }

            var statement = await accounts.SendAsync(new GetCredits(user, null, null));
            (statement.Credits, statement.Held, statement.Debt).ShouldBe((model.Credits, model.Held, model.Debt), at);
        }

        (await database.ColumnAsync<long>("SELECT remaining FROM users.credit_lots WHERE user_id = $1 ORDER BY id", user.Value)).Order().ShouldBe(model.Left.Order(), history.ToString());
    }

    /// <summary>Amounts that no request gets past the validator with are the domain's to refuse, and are tested there.</summary>
    private static bool IsSendable(Step step, int holds) => step switch
    {
        Grant g => g.Credits is >= 1 and <= CreditRefusals.Maximum,
        Spend s => s.Credits is >= 1 and <= CreditRefusals.Maximum,
        Hold h => h.Credits is >= 1 and <= CreditRefusals.Maximum,
        Capture or Release => holds > 0,
        _ => true,
    };

    private async Task<string?> DoAsync(UserId user, Step step, List<HoldView> holds, Purchases purchases, List<PaymentId> payments)
    {
        try
        {
            switch (step)
            {
                case Grant g:
                    payments.Add(await accounts.BuyAsync(user, g.Credits, g.ExpiresAfterDays is { } days ? TimeSpan.FromDays(days) : null));
                    purchases.Add(g.Price, g.Spent);
                    break;
                case Refund or RefundFails or Dispute when purchases.After(step) is var (which, share):
                    var spent = purchases.SpentOf(which);
                    await accounts.ReclaimAsync(new CreditReturn(
                        user, payments[which], share, spent == SpentCredits.Refuse && step is not Refund ? SpentCredits.BecomeDebt : spent, $"refund:{Guid.NewGuid()}:succeeded", "refund", "1"));
                    purchases.Do(step, which);
                    break;
                case Spend s:
                    await accounts.SendAsync(new ConsumeCredits(user, s.Credits, "evaluation", Guid.NewGuid().ToString()));
                    break;
                case Hold h:
                    holds.Add(await accounts.SendAsync(new HoldCredits(user, h.Credits, "assignment", Guid.NewGuid().ToString())));
                    await database.ExecuteAsync("UPDATE users.credit_holds SET expires_at = created_at + make_interval(hours => $1) WHERE id = $2", h.Hours, holds[^1].Id.Value);
                    break;
                case Capture c:
                    var hold = holds[c.Which % holds.Count];
                    await accounts.SendAsync(new CaptureHold(user, hold.Id, hold.Amount * c.Percent / 100));
                    break;
                case Release r:
                    await accounts.SendAsync(new ReleaseHold(user, holds[r.Which % holds.Count].Id));
                    break;
                case Pass p:
                    accounts.Clock.Now = accounts.Clock.Now.AddHours(p.Hours);
                    while (await accounts.SendAsync(new ExpireDueCredits(50)) > 0)
                    {
                    }

                    break;
            }

            return null;
        }
        catch (Refusal refusal)
        {
            return refusal.Code;
        }
    }
}
