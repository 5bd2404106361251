using Microsoft.Extensions.DependencyInjection;
using Payments.Application.Users;
using Payments.Application.Users.Contracts;
using Payments.Application.Users.Entitlements;
using Payments.Application.Users.Profile;
using Payments.Domain.Shared;
using Payments.Domain.Users.Entitlements;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>What sources give, kept under the user's lock; the profile follows.</summary>
#pragma warning disable CA1001 // xunit disposes it by IAsyncLifetime.
public sealed class Giving_access(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
#pragma warning restore CA1001
{
    private static readonly ResourceReference Course = new("course", "42");

    private readonly Accounts accounts = new(database);
    private UserId user;

    private DateTimeOffset Now => accounts.Clock.Now;

    public async Task InitializeAsync() => user = await accounts.NewUserAsync();

    public async Task DisposeAsync() => await accounts.DisposeAsync();

    [Fact]
    public async Task counts_the_last_word_of_each_source()
    {
        await SetAsync(Gives("purchase:1", Course));
        (await AskAsync(Course)).ShouldBe(new AccessDecision(true, null, "purchase"));

        await SetAsync(Gives("purchase:1", Course) with { State = AccessState.Paused });
        (await AskAsync(Course)).Reason.ShouldBe("paused");
        await SetAsync(Gives("purchase:1", Course) with { State = AccessState.Revoked });
        (await AskAsync(Course)).Reason.ShouldBe("revoked");
        await SetAsync(Gives("purchase:1", Course) with { Until = Now.AddDays(1) });
        (await AskAsync(Course)).ShouldBe(new AccessDecision(true, Now.AddDays(1), "purchase"));

        (await database.ScalarAsync<long>("SELECT count(*) FROM users.access_grants WHERE user_id = $1", user.Value)).ShouldBe(1);
    }

    [Fact]
    public async Task gives_every_resource_by_the_platform_and_none_by_another()
    {
        await SetAsync(Gives("purchase:1", Course));
        (await AskAsync(new ResourceReference("course", "43"))).Reason.ShouldBe("none");
        (await AskAsync(new ResourceReference("lab", "42"))).Reason.ShouldBe("none");
        (await AskAsync(ResourceReference.Platform)).Reason.ShouldBe("none");

        await SetAsync(Gives("subscription:1", ResourceReference.Platform) with { Until = Now.AddDays(30) });
        (await AskAsync(new ResourceReference("lab", "42"))).ShouldBe(new AccessDecision(true, Now.AddDays(30), "subscription"));
        (await AskAsync(ResourceReference.Platform)).Allowed.ShouldBeTrue();
        (await AskAsync(Course)).ShouldBe(new AccessDecision(true, null, "purchase"));
    }

    [Fact]
    public async Task ends_in_the_very_second()
    {
        await SetAsync(Gives("subscription:1", ResourceReference.Platform) with { Until = Now.AddDays(30) });
        var end = Now.AddDays(30);

        accounts.Clock.Now = end.AddSeconds(-1);
        (await AskAsync(Course)).Allowed.ShouldBeTrue();
        accounts.Clock.Now = end;
        (await AskAsync(Course)).ShouldBe(new AccessDecision(false, end, "expired"));
    }

    [Fact]
    public async Task shows_on_the_profile_the_subscription_that_lasts_longest()
    {
        await SetAsync(Subscribes("subscription:1", "monthly", 30), Subscribes("subscription:2", "yearly", 365), Gives("purchase:3", Course));
        (await ShownAsync()).ShouldBe(("yearly", Now.AddDays(365)));

        await SetAsync(Subscribes("subscription:2", "yearly", 365) with { State = AccessState.Revoked });
        (await ShownAsync()).ShouldBe(("monthly", Now.AddDays(30)));

        await SetAsync(Subscribes("subscription:1", "monthly", 30) with { Subscription = null });
        (await ShownAsync()).ShouldBe((null, null));
    }

    [Fact]
    public async Task sees_within_a_unit_of_work_what_was_set_there_and_not_saved_yet()
    {
        await using (var scope = accounts.Scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<IUsersDb>();
            var access = scope.ServiceProvider.GetRequiredService<IAccess>();
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            await access.SetAsync([Subscribes("subscription:1", "monthly", 30)], CancellationToken.None);
            await access.SetAsync([Subscribes("subscription:2", "yearly", 365)], CancellationToken.None);
            await access.SetAsync([Subscribes("subscription:2", "yearly", 365) with { State = AccessState.Revoked }], CancellationToken.None);
            await db.SaveChangesAsync(CancellationToken.None);
            await transaction.CommitAsync();
        }

        (await ShownAsync()).ShouldBe(("monthly", Now.AddDays(30)));
    }

    [Fact]
    public async Task keeps_what_many_sources_say_at_once()
    {
        var other = await accounts.NewUserAsync();

        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => i % 2 == 0
            ? SetAsync(Subscribes($"subscription:{i}", "monthly", i), Subscribes($"subscription:{i}", "monthly", i) with { UserId = other })
            : SetAsync(Subscribes($"subscription:{i}", "monthly", i) with { UserId = other }, Subscribes($"subscription:{i}", "monthly", i))));

        (await database.ScalarAsync<long>("SELECT count(*) FROM users.access_grants WHERE user_id = ANY($1)", new[] { user.Value, other.Value })).ShouldBe(40);
        (await ShownAsync()).ShouldBe(("monthly", Now.AddDays(20)));
    }

    [Fact]
    public async Task follows_the_word_of_another_service_beside_its_credits()
    {
        var view = await accounts.SendAsync(new GrantEntitlements(user, 5, new SubscriptionGrant("gold", Now.AddDays(10)), "k1"));
        (view.Credits, view.SubscriptionType, view.SubscriptionExpires).ShouldBe((5, "gold", Now.AddDays(10)));
        (await AskAsync(Course)).ShouldBe(new AccessDecision(true, Now.AddDays(10), "entitlement"));

        view = await accounts.SendAsync(new GrantEntitlements(user, null, new SubscriptionGrant("silver", Now.AddDays(5)), null));

        (view.SubscriptionType, view.SubscriptionExpires).ShouldBe(("silver", Now.AddDays(5)));
        (await AskAsync(Course)).Until.ShouldBe(Now.AddDays(5));
    }

    private AccessSetting Gives(string source, ResourceReference resource) => new(user, source, resource, Now, null, AccessState.Given, null);

    private AccessSetting Subscribes(string source, string type, int days) =>
        Gives(source, ResourceReference.Platform) with { Until = Now.AddDays(days), Subscription = new SubscriptionShown(type, Now.AddDays(days)) };

    private Task<AccessDecision> AskAsync(ResourceReference resource) => accounts.SendAsync(new GetAccess(user, resource));

    private async Task<(string? Type, DateTimeOffset? Expires)> ShownAsync()
    {
        var profile = await accounts.SendAsync(new GetProfile(user));
        return (profile.SubscriptionType, profile.SubscriptionExpires);
    }

    private async Task SetAsync(params AccessSetting[] settings)
    {
        await using var scope = accounts.Scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IUsersDb>();
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        await scope.ServiceProvider.GetRequiredService<IAccess>().SetAsync(settings, CancellationToken.None);
        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync();
    }
}
