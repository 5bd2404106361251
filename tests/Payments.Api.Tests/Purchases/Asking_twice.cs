using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class Asking_twice(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Twenty_checkouts_at_once_with_one_key_open_one_session()
    {
        using var ada = world.NewUser();
        var key = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ada.PostAsync("payments/checkout-session", new { creditPackId = World.Starter }, key)));
        answers.Select(a => a.StatusCode).Distinct().ShouldBeSubsetOf([HttpStatusCode.OK, HttpStatusCode.Conflict]);
        var again = await ada.CheckoutAsync(key: key);
        foreach (var ok in answers.Where(a => a.StatusCode == HttpStatusCode.OK))
        {
            JsonNode.Parse(await ok.Content.ReadAsStringAsync())!["sessionId"]!.ToString().ShouldBe(again["sessionId"]!.ToString());
        }

        (await SessionsAsync(ada)).ShouldBe(1);
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Twenty_first_checkouts_at_once_make_one_customer()
    {
        using var ada = world.NewUser();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ada.PostAsync("payments/checkout-session", new { creditAmount = 50 }, $"race-{ada.Id}-{i}")));
        foreach (var answer in answers)
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
            answer.Dispose();
        }

        var customers = await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers?email={ada.Id:N}@example.com");
        customers!["data"]!.AsArray().Count.ShouldBe(1);
        (await SessionsAsync(ada)).ShouldBe(20);
    }

    [Fact]
    public async Task Without_a_key_the_open_page_is_handed_back_but_not_for_something_else()
    {
        using var ada = world.NewUser();
        var first = await ada.CheckoutAsync();
        (await ada.CheckoutAsync())["sessionId"]!.ToString().ShouldBe(first["sessionId"]!.ToString());
        (await ada.CheckoutAsync(new { creditPackId = World.Starter, quantity = 2 }))["sessionId"]!.ToString().ShouldNotBe(first["sessionId"]!.ToString());
        (await ada.CheckoutAsync(key: "a-new-key"))["sessionId"]!.ToString().ShouldNotBe(first["sessionId"]!.ToString());
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        using var ada = world.NewUser();
        await ada.CheckoutAsync(key: "one-key");
        using var other = await ada.PostAsync("payments/checkout-session", new { creditAmount = 60 }, "one-key");
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_write_cut_off_after_its_effect_is_resolved_by_the_same_key_and_never_doubled()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { api = new { cutAfterEffect = 0.5, error = 0.2 } });
        JsonNode? session = null;
        try
        {
            await World.EventuallyAsync(
                async () =>
                {
                    using var answer = await ada.PostAsync("payments/checkout-session", new { creditPackId = World.Starter }, "cut-key");
                    session = answer.StatusCode == HttpStatusCode.OK ? JsonNode.Parse(await answer.Content.ReadAsStringAsync()) : null;
                    return session is not null;
                },
                "a session despite the cuts",
                60);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        (await SessionsAsync(ada)).ShouldBe(1);
        (await world.PayAsync(session!["sessionId"]!.ToString())).Dispose();
        await ada.PaidAsync(session);
        (await ada.CreditsAsync()).ShouldBe(100);
    }

    [Fact]
    public async Task A_process_killed_between_the_providers_answer_and_our_commit_leaves_the_buyer_what_was_shown()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync(key: "lost-answer");

        // As the crash leaves it: the intent is saved, the outcome is not.
        await world.ScalarAsync<Guid>("UPDATE payments.payments SET session_id = NULL, session_url = NULL WHERE id = $1 RETURNING id", Guid.Parse(session["paymentId"]!.ToString()));
        await world.ScalarAsync<long>("WITH gone AS (DELETE FROM payments.idempotency_keys RETURNING 1) SELECT count(*) FROM gone");

        var resumed = await ada.CheckoutAsync(key: "lost-answer");
        resumed["sessionId"]!.ToString().ShouldBe(session["sessionId"]!.ToString());
        (await SessionsAsync(ada)).ShouldBe(1);
    }

    [Fact]
    public async Task A_return_page_that_comes_before_the_lost_outcome_was_found_again_fulfils_all_the_same()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            var session = await ada.BuyAsync();
            await world.ScalarAsync<Guid>("UPDATE payments.payments SET session_id = NULL, session_url = NULL WHERE id = $1 RETURNING id", Guid.Parse(session["paymentId"]!.ToString()));
            (await ada.GetAsync($"payments/checkout-session/{session["sessionId"]}"))["status"]!.ToString().ShouldBe("succeeded");
            (await ada.CreditsAsync()).ShouldBe(100);
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    [Fact]
    public async Task A_customer_deleted_at_the_provider_is_made_anew()
    {
        using var ada = world.NewUser();
        await ada.CheckoutAsync();
        var customers = await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers?email={ada.Id:N}@example.com");
        using var deleted = await world.Simulator.DeleteAsync($"/v1/customers/{customers!["data"]![0]!["id"]}");
        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        var session = await ada.BuyAsync(new { creditAmount = 77 });
        await ada.PaidAsync(session);
        (await ada.CreditsAsync()).ShouldBe(77);
    }

    [Fact]
    public async Task A_new_email_follows_the_token_to_the_provider()
    {
        using var ada = world.NewUser();
        await ada.CheckoutAsync();
        using var renamed = new Caller(world, ada.Id, world.ClientOf(ada.Id, "new-address@example.com"));
        await renamed.CheckoutAsync(new { creditAmount = 33 });
        var customers = await world.Simulator.GetFromJsonAsync<JsonNode>("/v1/customers?email=new-address@example.com");
        customers!["data"]!.AsArray().ShouldHaveSingleItem();
        (await renamed.GetAsync("users/me"))["email"]!.ToString().ShouldBe("new-address@example.com");
    }

    [Fact]
    public async Task An_old_intent_whose_answer_was_lost_is_looked_up_and_not_opened_again()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync(key: "old-intent");
        await world.ScalarAsync<Guid>("UPDATE payments.payments SET session_id = NULL, session_url = NULL, next_check_at = NULL WHERE id = $1 RETURNING id", Guid.Parse(session["paymentId"]!.ToString()));
        await world.ScalarAsync<Guid>("UPDATE payments.gateway_requests SET prepared_at = prepared_at - interval '23 hours 30 minutes' WHERE subject_id = $1 RETURNING subject_id", Guid.Parse(session["paymentId"]!.ToString()));
        await world.ScalarAsync<long>("WITH gone AS (DELETE FROM payments.idempotency_keys RETURNING 1) SELECT count(*) FROM gone");

        (await ada.CheckoutAsync(key: "old-intent"))["sessionId"]!.ToString().ShouldBe(session["sessionId"]!.ToString());
        (await world.ScalarAsync<int>("SELECT attempt FROM payments.gateway_requests WHERE subject_id = $1", Guid.Parse(session["paymentId"]!.ToString()))).ShouldBe(1);
    }

    [Theory]
    [InlineData("its price is edited")]
    [InlineData("it is deleted")]
    [InlineData("its price is edited and nothing came of the first request")]
    public async Task Whatever_becomes_of_a_pack_after_the_answer_was_lost_the_buyer_gets_what_was_shown(string meanwhile)
    {
        using var admin = world.NewUser(null, "admin");
        var pack = await admin.DoAsync("admin/credit-packs", new { name = "Shown", credits = 30, price = new { amount = 300, currency = "usd" } });
        using var ada = world.NewUser();
        await ada.CheckoutAsync();
        var body = new { creditPackId = pack["id"]!.ToString(), quantity = 2 };
        await world.FaultsAsync(meanwhile.Contains("nothing", StringComparison.Ordinal) ? new { api = new { error = 1.0 } } : new { api = new { cutAfterEffect = 1.0 } });
        try
        {
            (await ada.TryAsync("payments/checkout-session", body, "shown")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        using var changed = meanwhile == "it is deleted"
            ? await admin.Http.DeleteAsync($"api/v1/admin/credit-packs/{pack["id"]}")
            : await admin.Http.PutAsJsonAsync($"api/v1/admin/credit-packs/{pack["id"]}", new { name = "Dearer", credits = 20, price = new { amount = 900, currency = "usd" } });
        changed.IsSuccessStatusCode.ShouldBeTrue(await changed.Content.ReadAsStringAsync());

        var session = await ada.DoAsync("payments/checkout-session", body, "shown");

        (await SessionsAsync(ada)).ShouldBe(2);
        (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();
        await ada.PaidAsync(session);
        (await ada.CreditsAsync()).ShouldBe(60);
        var payment = await ada.GetAsync($"payments/{session["paymentId"]}");
        (payment["amount"]!["amount"]!.GetValue<long>(), payment["description"]!.ToString()).ShouldBe((600, "2 × Shown"));
    }

    [Fact]
    public async Task A_key_stands_for_its_page_even_when_that_has_been_paid()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync(key: "paid-key");
        (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();
        await ada.PaidAsync(session);
        await world.ScalarAsync<long>("WITH gone AS (DELETE FROM payments.idempotency_keys RETURNING 1) SELECT count(*) FROM gone");

        (await ada.CheckoutAsync(key: "paid-key"))["sessionId"]!.ToString().ShouldBe(session["sessionId"]!.ToString());
        (await SessionsAsync(ada)).ShouldBe(1);
    }

    [Fact]
    public async Task A_key_counts_for_its_address()
    {
        using var ada = world.NewUser();
        var page = await ada.CheckoutAsync(key: "one-for-both");

        var purchase = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course }, "one-for-both");

        purchase["sessionId"]!.ToString().ShouldNotBe(page["sessionId"]!.ToString());
    }

    [Fact]
    public async Task What_was_refused_for_good_is_refused_again_in_the_same_words()
    {
        using var ada = world.NewUser();
        var body = new { creditAmount = 40, paymentMethodId = "pm_nope" };
        var (status, first) = await ada.TryAsync("payments/payment-intent", body, "refused");
        await world.ScalarAsync<long>("WITH gone AS (DELETE FROM payments.idempotency_keys RETURNING 1) SELECT count(*) FROM gone");

        var (again, second) = await ada.TryAsync("payments/payment-intent", body, "refused");

        (status, again).ShouldBe((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest));
        second["errors"]!.ToJsonString().ShouldBe(first["errors"]!.ToJsonString());
        second["code"]!.ToString().ShouldBe(first["code"]!.ToString());
    }

    private async Task<long> SessionsAsync(Caller user)
    {
        var customers = (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers?email={user.Id:N}@example.com"))!["data"]!.AsArray();
        long count = 0;
        foreach (var customer in customers)
        {
            var sessions = await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/checkout/sessions?customer={customer!["id"]}&limit=100");
            count += sessions!["data"]!.AsArray().Count;
        }

        return count;
    }
}
