using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Payments.Application.Payments;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Stripe;
using Payments.Infrastructure.Tests.Database;
using Payments.Sandbox.Stripe;

namespace Payments.Infrastructure.Tests.Catalog;

/// <summary>Hard case 5: a plan's price at the provider, with the real database and the simulator.</summary>
#pragma warning disable CA1001 // xunit disposes it by IAsyncLifetime.
public sealed class Pricing_a_plan(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
#pragma warning restore CA1001
{
    private static readonly Currency Usd = Currency.Of("usd");
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly Clock clock = new();
    private readonly PlanId plan = new(Guid.CreateVersion7());
    private StripeSimulator simulator = null!;
    private HttpClient direct = null!;
    private ServiceProvider services = null!;

    public async Task InitializeAsync()
    {
        simulator = await StripeSimulator.StartAsync(new StripeSimulatorOptions());
        direct = new HttpClient { BaseAddress = simulator.Address, DefaultRequestHeaders = { { "Authorization", $"Bearer {simulator.SecretKey}" } } };
        services = Services();
        await using var db = database.Context();
        db.Plans.Add(new Plan(plan, new PlanTerms(
            "Monthly", null, new Money(1900, Usd), BillingInterval.Month, 1, 0, 200, null, "pro", 1, 1, ResourceReference.Platform, RefundPolicy.Debt, true, 1, null)));
        await db.SaveChangesAsync();
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        direct.Dispose();
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task makes_one_price_with_one_product_however_many_come_at_once()
    {
        await using var replica = Services();
        var made = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => RunAsync(prices => prices.EnsureAsync(plan, None), i % 2 == 0 ? services : replica)));

        var price = (await PricesAsync()).ShouldHaveSingleItem()!;
        made.Distinct().ShouldBe([price["id"]!.GetValue<string>()]);
        price["unit_amount"]!.GetValue<long>().ShouldBe(1900);
        price["recurring"]!["interval"]!.GetValue<string>().ShouldBe("month");
        price["metadata"]!["plan_id"]!.GetValue<string>().ShouldBe(plan.ToString());
        var product = (await DirectAsync("/v1/products?limit=100"))["data"]!.AsArray().ShouldHaveSingleItem()!;
        product["name"]!.GetValue<string>().ShouldBe("Monthly");
        product["metadata"]!["plan_id"]!.GetValue<string>().ShouldBe(plan.ToString());
        (await EnsureAsync()).ShouldBe(made[0]);
        (await PricesAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task makes_another_of_the_same_product_when_the_terms_change_and_knows_the_old_one_when_they_come_back()
    {
        var first = await EnsureAsync();
        await EditAsync(terms => terms with { Price = new Money(2100, Usd) });
        var second = await EnsureAsync();
        await EditAsync(terms => terms with { IntervalCount = 3 });
        var third = await EnsureAsync();
        await EditAsync(terms => terms with { Price = new Money(1900, Usd), IntervalCount = 1, Name = "Renamed" });

        (await EnsureAsync()).ShouldBe(first);
        new[] { first, second, third }.Distinct().Count().ShouldBe(3);
        (await PricesAsync()).Select(p => p!["product"]!.GetValue<string>()).Distinct().Count().ShouldBe(1);
        (await FindAsync(first, second, third, "price_foreign")).ShouldBe(new Dictionary<string, PlanId> { [first] = plan, [second] = plan, [third] = plan }, ignoreOrder: true);
    }

    [Fact]
    public async Task makes_another_when_what_it_gives_changes_and_each_says_what_was_agreed_at_it()
    {
        var first = await EnsureAsync();
        await EditAsync(terms => terms with { CreditsPerPeriod = 10, Family = "other", Access = new ResourceReference("course", "42") });
        var second = await EnsureAsync();

        second.ShouldNotBe(first);
        await using var db = database.Context();
        var agreed = await PlanPrices.AgreedAsync(db, [first, second], None);
        (agreed[second].Terms.CreditsPerPeriod, agreed[second].Terms.Family, agreed[second].Terms.Access).ShouldBe((10, "other", new ResourceReference("course", "42")));
        agreed[first].Terms.CreditsPerPeriod.ShouldNotBe(10);
        agreed[first].Terms.Price.ShouldBe(agreed[second].Terms.Price);
    }

    [Fact]
    public async Task makes_another_with_a_new_product_when_the_provider_has_switched_it_off()
    {
        var first = await EnsureAsync();
        await RunAsync(prices => prices.ForgetAsync(first, None));
        var second = await EnsureAsync();

        second.ShouldNotBe(first);
        (await PricesAsync()).Select(p => p!["product"]!.GetValue<string>()).Distinct().Count().ShouldBe(2);
        (await FindAsync(first))[first].ShouldBe(plan, "whoever subscribed to it is still on this plan");
    }

    [Fact]
    public async Task asks_for_a_new_product_when_the_one_it_counted_on_is_gone()
    {
        await EnsureAsync();
        await using (var db = database.Context())
        {
            await db.PlanPrices.Where(p => p.PlanId == plan).ExecuteUpdateAsync(set => set.SetProperty(p => p.GatewayProductId, "prod_gone"));
        }

        await EditAsync(terms => terms with { Price = new Money(2100, Usd) });
        var made = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => EnsureAsync()));

        made.Distinct().Count().ShouldBe(1);
        (await PricesAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task settles_a_cut_after_the_effect_by_the_same_request()
    {
        using (var content = JsonContent.Create(JsonNode.Parse("""{ "api": { "cutAfterEffect": 1 } }""")))
        {
            (await direct.PostAsync(new Uri("/sandbox/faults", UriKind.Relative), content)).EnsureSuccessStatusCode();
        }

        (await Should.ThrowAsync<GatewayFailure>(EnsureAsync)).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);
        (await direct.DeleteAsync(new Uri("/sandbox/faults", UriKind.Relative))).EnsureSuccessStatusCode();

        var price = (await PricesAsync()).ShouldHaveSingleItem()!;
        (await EnsureAsync()).ShouldBe(price["id"]!.GetValue<string>());
        (await PricesAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task finds_by_its_look_up_key_what_a_key_too_old_has_made()
    {
        var made = await EnsureAsync();
        await using (var db = database.Context())
        {
            await db.PlanPrices.Where(p => p.PlanId == plan).ExecuteUpdateAsync(set => set.SetProperty(p => p.GatewayPriceId, (string?)null));
        }

        clock.Now = clock.Now.AddHours(24);

        (await EnsureAsync()).ShouldBe(made);
        (await PricesAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task knows_no_price_of_a_plan_that_is_none()
    {
        var refusal = await Should.ThrowAsync<Refusal>(() => RunAsync(prices => prices.EnsureAsync(new PlanId(Guid.NewGuid()), None)));

        refusal.Code.ShouldBe("plan.not_found");
    }

    [Fact]
    public async Task takes_an_attached_price_over_and_hands_it_out_from_then_on()
    {
        var own = await EnsureAsync();
        var attached = await PriceAsync("currency=eur&unit_amount=2500&recurring[interval]=week&recurring[interval_count]=2&product_data[name]=Theirs");
        await EditAsync(terms => terms with { GatewayPriceId = attached });
        (await EnsureAsync()).ShouldBe(own, "until the provider was read, what the plan says is charged");

        var sync = await SyncAsync();

        sync.Adopted.ShouldBe([new SyncedPrice(plan, attached, Terms(1900), new PriceTerms(new Money(2500, Currency.Of("eur")), BillingInterval.Week, 2))]);
        (sync.Missing.Count, sync.Inactive.Count, sync.Different.Count).ShouldBe((0, 0, 0));
        (await EnsureAsync()).ShouldBe(attached);
        (await SyncAsync()).Adopted.ShouldBeEmpty();
        (await FindAsync(own, attached)).Values.ShouldBe([plan, plan]);
        (await database.ScalarAsync<long>("SELECT count(*) FROM payments.audit_log WHERE action = 'plan.follow_price' AND subject = $1", plan.ToString())).ShouldBe(1);
    }

    [Fact]
    public async Task puts_an_attached_price_of_the_same_terms_in_the_place_of_its_own()
    {
        await EnsureAsync();
        var attached = await PriceAsync("currency=usd&unit_amount=1900&recurring[interval]=month&product_data[name]=Theirs");
        await EditAsync(terms => terms with { GatewayPriceId = attached });

        (await SyncAsync()).Adopted.ShouldHaveSingleItem().GatewayPriceId.ShouldBe(attached);

        (await EnsureAsync()).ShouldBe(attached);
    }

    [Fact]
    public async Task tells_what_is_missing_inactive_or_of_a_kind_that_no_plan_has()
    {
        var own = await EnsureAsync();
        await DirectAsync($"/v1/prices/{own}", "active=false");
        await EditAsync(terms => terms with { GatewayPriceId = "price_nobody_has" });

        var sync = await SyncAsync();
        sync.Inactive.ShouldBe([new SyncedPrice(plan, own, Terms(1900), Terms(1900))]);
        sync.Missing.ShouldBe([new SyncedPrice(plan, "price_nobody_has", Terms(1900), null)]);
        (await EnsureAsync()).ShouldNotBe(own);

        var once = await PriceAsync("currency=usd&unit_amount=1900&product_data[name]=Once");
        await EditAsync(terms => terms with { GatewayPriceId = once });
        sync = await SyncAsync();
        sync.Different.ShouldBe([new SyncedPrice(plan, once, Terms(1900), null)]);
        (sync.Missing.Count, sync.Inactive.Count, sync.Adopted.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task notices_that_a_product_was_switched_off_beneath_its_price()
    {
        var own = await EnsureAsync();
        await DirectAsync($"/v1/products/{(await PricesAsync())[0]!["product"]}", "active=false");

        (await SyncAsync()).Inactive.ShouldHaveSingleItem().GatewayPriceId.ShouldBe(own);

        (await EnsureAsync()).ShouldNotBe(own);
        (await PricesAsync()).Select(p => p!["product"]!.GetValue<string>()).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task learns_of_a_price_that_carries_a_plans_id()
    {
        var unknown = await PriceAsync($"currency=usd&unit_amount=1900&recurring[interval]=month&product_data[name]=Before&metadata[plan_id]={plan}");

        (await SyncAsync()).Adopted.ShouldBe([new SyncedPrice(plan, unknown, Terms(1900), Terms(1900))]);

        (await EnsureAsync()).ShouldBe(unknown);
        (await FindAsync(unknown))[unknown].ShouldBe(plan);
    }

    private static PriceTerms Terms(long minor) => new(new Money(minor, Usd), BillingInterval.Month, 1);

    private ServiceProvider Services()
    {
        var registered = new ServiceCollection();
        registered.AddLogging();
        registered.AddStripe(new StripeOptions { SecretKey = simulator.SecretKey, WebhookSecrets = ["whsec_test_secret"], ApiBase = simulator.Address.AbsoluteUri.TrimEnd('/'), MaxRetries = 5, RetryDelay = TimeSpan.FromMilliseconds(50) });
        registered.AddSingleton<TimeProvider>(clock);
        registered.AddSingleton<IIdGenerator, IdGenerator>();
        registered.AddDbContext<PaymentsDbContext>(options => options.UseNpgsql(database.Source, DatabaseRegistration.Npgsql));
        registered.AddScoped<IPaymentsDb>(provider => provider.GetRequiredService<PaymentsDbContext>());
        registered.AddScoped<IAuditLog, AuditLog>();
        registered.AddScoped<GatewaySends>();
        registered.AddSingleton<Turns>();
        registered.AddScoped<PlanPrices>();
        registered.AddScoped<SyncPlansHandler>();
        registered.AddSingleton<IUnitOfWorkScopes, UnitOfWorkScopes>();
        return registered.BuildServiceProvider(validateScopes: true);
    }

    private Task<string> EnsureAsync() => RunAsync(prices => prices.EnsureAsync(plan, None));

    private async Task<Dictionary<string, PlanId>> FindAsync(params string[] ids)
    {
        await using var db = database.Context();
        return (await PlanPrices.AgreedAsync(db, ids, None)).ToDictionary(p => p.Key, p => p.Value.Id);
    }

    private async Task<T> RunAsync<T>(Func<PlanPrices, Task<T>> call, ServiceProvider? replica = null)
    {
        await using var scope = (replica ?? services).CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<PlanPrices>());
    }

    private async Task RunAsync(Func<PlanPrices, Task> call) => await RunAsync(async prices =>
    {
        await call(prices);
        return true;
    });

    /// <summary>What a sync says of this test's plan; the database has those of the others too.</summary>
    private async Task<PlanSync> SyncAsync()
    {
        await using var scope = services.CreateAsyncScope();
        var sync = await scope.ServiceProvider.GetRequiredService<SyncPlansHandler>().Handle(new SyncPlans(new Actor(new UserId(Guid.NewGuid()), null, null), "Looking."), None);
        return new PlanSync(Mine(sync.Adopted), Mine(sync.Missing), Mine(sync.Inactive), Mine(sync.Different));

        List<SyncedPrice> Mine(IReadOnlyList<SyncedPrice> prices) => [.. prices.Where(p => p.PlanId == plan)];
    }

    private async Task EditAsync(Func<PlanTerms, PlanTerms> change)
    {
        await using var db = database.Context();
        var row = await db.Plans.SingleAsync(p => p.Id == plan);
        row.Edit(change(row.Terms));
        await db.SaveChangesAsync();
    }

    private async Task<JsonArray> PricesAsync() => (await DirectAsync("/v1/prices?limit=100"))["data"]!.AsArray();

    private async Task<string> PriceAsync(string form) => (await DirectAsync("/v1/prices", form))["id"]!.GetValue<string>();

    private async Task<JsonNode> DirectAsync(string path, string? form = null)
    {
        using var request = new HttpRequestMessage(form is null ? HttpMethod.Get : HttpMethod.Post, path);
        if (form is not null)
        {
            request.Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        }

        using var response = await direct.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(body);
        return JsonNode.Parse(body)!;
    }
}
