using Payments.Domain.Shared;
using Payments.Domain.Users.Entitlements;

namespace Payments.Domain.Tests.Users;

public sealed class Giving_access
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly UserId Ada = new(new Guid("b0000000-0000-4000-8000-000000000001"));

    [Fact]
    public void nothing_gives_nothing() => Decide().ShouldBe(new AccessDecision(false, null, "none"));

    [Fact]
    public void is_there_from_its_first_moment_and_gone_at_its_last()
    {
        var grant = Gives("subscription:1", Now, Now.AddDays(30));

        AccessDecision.Of([grant], Now.AddTicks(-1)).ShouldBe(new AccessDecision(false, null, "notStarted"));
        AccessDecision.Of([grant], Now).ShouldBe(new AccessDecision(true, Now.AddDays(30), "subscription"));
        AccessDecision.Of([grant], Now.AddDays(30).AddTicks(-1)).ShouldBe(new AccessDecision(true, Now.AddDays(30), "subscription"));
        AccessDecision.Of([grant], Now.AddDays(30)).ShouldBe(new AccessDecision(false, Now.AddDays(30), "expired"));
    }

    [Fact]
    public void is_as_long_as_the_longest_that_gives_it()
    {
        Decide(Gives("subscription:1", Now, Now.AddDays(30)), Gives("purchase:2", Now, null), Gives("entitlement:subscription", Now, Now.AddDays(60)))
            .ShouldBe(new AccessDecision(true, null, "purchase"));
        Decide(Gives("subscription:1", Now, Now.AddDays(30)), Gives("purchase:2", Now, null, AccessState.Revoked), Gives("entitlement:subscription", Now, Now.AddDays(60)))
            .ShouldBe(new AccessDecision(true, Now.AddDays(60), "entitlement"));
    }

    [Fact]
    public void says_why_not()
    {
        var (gone, day) = (Now.AddDays(-1), Now.AddDays(1));
        Decide(Gives("a:1", gone, null, AccessState.Paused)).ShouldBe(new AccessDecision(false, null, "paused"));
        Decide(Gives("a:1", gone, day, AccessState.Revoked)).ShouldBe(new AccessDecision(false, null, "revoked"));
        Decide(Gives("a:1", gone, gone, AccessState.Revoked)).ShouldBe(new AccessDecision(false, null, "revoked"));
        Decide(Gives("a:1", gone, Now, AccessState.Paused)).ShouldBe(new AccessDecision(false, Now, "expired"));
        Decide(Gives("a:1", day, null)).ShouldBe(new AccessDecision(false, null, "notStarted"));
        Decide(Gives("a:1", gone, null, AccessState.Revoked), Gives("b:2", gone, Now), Gives("c:3", gone, gone)).ShouldBe(new AccessDecision(false, Now, "expired"));
        Decide(Gives("a:1", gone, Now), Gives("b:2", day, null), Gives("c:3", gone, null, AccessState.Paused)).ShouldBe(new AccessDecision(false, null, "paused"));
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("course", "")]
    [InlineData("course", "a\0b")]
    [InlineData("course", "a b")]
    public void is_to_something_that_has_a_name(string type, string id)
    {
        var grant = new AccessGrant(Ada, "purchase:1");

        Should.Throw<Refusal>(() => grant.Set(new ResourceReference(type, id), Now, null, AccessState.Given, null, null)).Code.ShouldBe("resource.invalid");
    }

    private static AccessDecision Decide(params AccessGrant[] grants) => AccessDecision.Of(grants, Now);

    private static AccessGrant Gives(string source, DateTimeOffset startsAt, DateTimeOffset? until, AccessState state = AccessState.Given)
    {
        var grant = new AccessGrant(Ada, source);
        grant.Set(ResourceReference.Platform, startsAt, until, state, null, null);
        return grant;
    }
}
