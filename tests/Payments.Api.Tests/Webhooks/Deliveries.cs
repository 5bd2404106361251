using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Webhooks;

public sealed class Deliveries(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_wrong_signature_is_400_and_leaves_nothing_behind()
    {
        var forged = Event("evt_forged1", "customer.created", new JsonObject { ["id"] = "cus_x", ["object"] = "customer" });
        using var answer = await world.DeliverAsync(forged, secret: "whsec_somebody_elses_secret_0123456789");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("webhook.signature_invalid");
        (await StoredAsync("evt_forged1")).ShouldBeNull();
    }

    [Theory]
    [InlineData(-310)]
    [InlineData(310)]
    public async Task A_signature_out_of_tolerance_is_400_both_ways(int seconds)
    {
        using var answer = await world.DeliverAsync(Event("evt_late1", "customer.created", new JsonObject { ["id"] = "cus_x", ["object"] = "customer" }), at: world.Stripe.Now.AddSeconds(seconds));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("webhook.timestamp_out_of_tolerance");
    }

    [Fact]
    public async Task A_body_over_one_mebibyte_is_413()
    {
        using var answer = await world.DeliverAsync(Event("evt_large1", "customer.created", new JsonObject { ["id"] = "cus_x", ["object"] = "customer", ["description"] = new string('x', 1_100_000) }));
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task The_guarded_path_takes_only_its_token()
    {
        var payload = Event("evt_guarded1", "customer.created", new JsonObject { ["id"] = "cus_x", ["object"] = "customer" });
        using var wrong = await world.DeliverAsync(payload, path: "api/v1/webhooks/stripe/guess");
        wrong.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var right = await world.DeliverAsync(payload, path: "api/v1/webhooks/stripe/path-token-of-the-tests");
        right.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_unknown_type_is_stored_and_kept_unhandled()
    {
        using var answer = await world.DeliverAsync(Event("evt_future1", "quantum.entangled", new JsonObject { ["id"] = "qe_1", ["object"] = "quantum" }));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await BecomesAsync("evt_future1", "unhandled");
    }

    [Fact]
    public async Task An_unknown_api_version_of_our_payment_is_fetched_and_applied()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            foreach (var version in new[] { "2019-05-16", "2023-10-16", "2031-01-01.zinnia" })
            {
                var session = await ada.BuyAsync(new { creditAmount = 20 });
                var completed = (await world.EventsAsync("checkout.session.completed")).Last(e => e["data"]!["object"]!["id"]!.ToString() == session["sessionId"]!.ToString());
                completed["id"] = $"evt_v{Guid.NewGuid():N}";
                completed["api_version"] = version;
                completed["data"]!["object"]!.AsObject().Remove("amount_subtotal");
                using var answer = await world.DeliverAsync(completed);
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                await ada.PaidAsync(session);
            }

            (await ada.CreditsAsync()).ShouldBe(60);
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    [Fact]
    public async Task Another_amount_or_currency_than_agreed_is_parked_and_never_granted()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            foreach (var (field, value) in new (string, JsonNode)[] { ("amount_subtotal", 1), ("currency", "eur") })
            {
                var session = await ada.CheckoutAsync(key: $"park-{field}");
                using var paid = await world.PayAsync(session["sessionId"]!.ToString());
                var completed = (await world.EventsAsync("checkout.session.completed")).Last();
                completed["data"]!["object"]![field] = value;
                using var answer = await world.DeliverAsync(completed);
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                await BecomesAsync(completed["id"]!.ToString(), "parked");
                (await ada.StatusAsync(session)).ShouldBe("pending");
                var listed = await admin.GetAsync($"admin/webhook-events?status=parked&objectId={session["sessionId"]}");
                listed["items"]!.AsArray().ShouldHaveSingleItem()!["lastError"]!.ToString().ShouldContain("nothing was granted");
            }

            (await ada.CreditsAsync()).ShouldBe(0);
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    [Fact]
    public async Task Another_amount_that_is_heard_of_after_it_was_paid_is_parked_and_takes_nothing_back()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await ada.BuyAsync();
        await ada.PaidAsync(session);
        var late = (await world.EventsAsync("checkout.session.completed")).Last(e => e.ToJsonString().Contains(session["sessionId"]!.ToString(), StringComparison.Ordinal));
        var id = $"evt_{Guid.NewGuid():N}";
        late["id"] = id;
        late["data"]!["object"]!["amount_subtotal"] = 1;

        using var answer = await world.DeliverAsync(late);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await BecomesAsync(id, "parked");
        (await admin.GetAsync($"admin/webhook-events/{id}"))["event"]!["lastError"]!.ToString().ShouldContain("what was granted before stays");
        (await ada.StatusAsync(session)).ShouldBe("succeeded");
        (await ada.CreditsAsync()).ShouldBe(100);
    }

    [Fact]
    public async Task Live_events_other_accounts_and_foreign_objects_are_stored_and_never_applied()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            var session = await ada.BuyAsync();
            var completed = (await world.EventsAsync("checkout.session.completed")).Last();

            var live = completed.DeepClone();
            live["id"] = "evt_live1";
            live["livemode"] = true;
            var connected = completed.DeepClone();
            connected["id"] = "evt_connected1";
            connected["account"] = "acct_somebodyelse";
            var foreign = completed.DeepClone();
            foreign["id"] = "evt_foreign1";
            foreign["data"]!["object"]!["id"] = "cs_test_foreign";
            foreign["data"]!["object"]!["payment_intent"] = "pi_foreign";
            foreign["data"]!["object"]!["metadata"] = new JsonObject();
            foreach (var payload in new[] { live, connected, foreign })
            {
                (await world.DeliverAsync(payload)).Dispose();
            }

            await BecomesAsync("evt_live1", "mismatched");
            await BecomesAsync("evt_connected1", "mismatched");
            await BecomesAsync("evt_foreign1", "foreign");
            (await ada.CreditsAsync()).ShouldBe(0);
            (await ada.StatusAsync(session)).ShouldBe("pending");
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_becomes_a_dead_letter_that_an_admin_sees_and_replays_with_a_count_first()
    {
        using var admin = world.NewUser(null, "admin");
        using var support = world.NewUser(null, "support");
        using var ada = world.NewUser();
        var broken = Event("evt_broken1", "customer.updated", new JsonObject { ["id"] = 7, ["object"] = "customer" });
        using var answer = await world.DeliverAsync(broken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await BecomesAsync("evt_broken1", "dead");

        // It did not hold up anybody else.
        var session = await ada.BuyAsync();
        await ada.PaidAsync(session);

        var detail = await admin.GetAsync("admin/webhook-events/evt_broken1");
        detail["event"]!["lastError"]!.ToString().ShouldNotBeEmpty();
        detail["payload"]!["type"]!.ToString().ShouldBe("customer.updated");

        using var refused = await support.PostAsync("admin/webhook-events/evt_broken1/replay", new { });
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var replayed = await admin.PostAsync("admin/webhook-events/evt_broken1/replay", new { reason = "after the fix" });
        replayed.StatusCode.ShouldBe(HttpStatusCode.OK, await replayed.Content.ReadAsStringAsync());
        await BecomesAsync("evt_broken1", "dead");

        using var dry = await admin.PostAsync("admin/webhook-events/replay", new { status = "dead", type = "customer.updated" });
        var count = JsonNode.Parse(await dry.Content.ReadAsStringAsync())!;
        count.ToJsonString().ShouldBe("""{"count":1,"dryRun":true}""");
        using var wrong = await admin.PostAsync("admin/webhook-events/replay", new { status = "dead", type = "customer.updated", dryRun = false, expectedCount = 2 });
        wrong.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        using var done = await admin.PostAsync("admin/webhook-events/replay", new { status = "dead", type = "customer.updated", dryRun = false, expectedCount = 1 });
        done.StatusCode.ShouldBe(HttpStatusCode.OK, await done.Content.ReadAsStringAsync());
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.audit_log WHERE action = 'webhook_event.replay' AND actor_id = $1", admin.Id)).ShouldBe(2);
    }

    [Fact]
    public async Task A_replayed_event_of_a_granted_payment_grants_nothing_more()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var session = await ada.BuyAsync();
        await ada.PaidAsync(session);
        var page = await admin.GetAsync($"admin/webhook-events?paymentId={session["paymentId"]}");
        page["items"]!.AsArray().Count.ShouldBeGreaterThan(1);
        foreach (var e in page["items"]!.AsArray())
        {
            (await admin.PostAsync($"admin/webhook-events/{e!["id"]}/replay", new { })).Dispose();
        }

        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(100);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Secrets_in_a_payload_are_masked_for_admins()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var session = await ada.BuyAsync();
        await ada.PaidAsync(session);
        var created = (await world.EventsAsync("payment_intent.succeeded")).Last();
        await World.EventuallyAsync(async () => await StoredAsync(created["id"]!.ToString()) is not null, "stored");
        (await admin.GetAsync($"admin/webhook-events/{created["id"]}"))["payload"]!["data"]!["object"]!["client_secret"]!.ToString().ShouldBe("***");
    }

    [Theory]
    [InlineData("half a surrogate pair", """{"id":"qe_1","object":"quantum","spin":"\ud800","client_secret":"pi_1_secret_x"}""")]
    [InlineData("a name given twice", """{"id":"qe_1","object":"quantum","spin":1,"spin":2,"client_secret":"pi_1_secret_x","Webhook_Secrets":[{"secret":987654321}]}""")]
    [InlineData("very deep", """{"id":"qe_1","object":"quantum","client_secret":"pi_1_secret_x","spin":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}""")]
    [InlineData("an id that is none", """{"id":"","object":"quantum","payment_intent":"\u0000","client_secret":"pi_1_secret_x"}""")]
    public async Task An_odd_payload_is_stored_and_shown_with_its_secrets_masked(string what, string subject)
    {
        using var admin = world.NewUser(null, "admin");
        var id = $"evt_{Guid.NewGuid():N}";
        using var answer = await world.DeliverAsync(Encoding.UTF8.GetBytes(
            $$$"""{"id":"{{{id}}}","object":"event","api_version":"2026-07-29.dahlia","created":1785326400,"livemode":false,"type":"quantum.entangled","data":{"object":{{{subject}}} }}"""));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, what);
        await BecomesAsync(id, "unhandled");
        var shown = (await admin.GetAsync($"admin/webhook-events/{id}"))["payload"]!.ToJsonString();
        shown.ShouldContain("quantum");
        shown.ShouldContain("***");
        shown.ShouldNotContain("pi_1_secret_x");
        shown.ShouldNotContain("987654321");
    }

    [Fact]
    public async Task An_event_that_is_applied_alone_counts_one_attempt()
    {
        using var ada = world.NewUser();
        await ada.CheckoutAsync();
        var customer = (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers?email={ada.Id:N}@example.com"))!["data"]![0]!.DeepClone();
        var id = $"evt_{Guid.NewGuid():N}";
        (await world.DeliverAsync(Event(id, "customer.updated", customer.AsObject()))).Dispose();

        await BecomesAsync(id, "processed");
        (await world.ScalarAsync<int>("SELECT attempts FROM payments.webhook_events WHERE id = $1", id)).ShouldBe(1);
    }

    [Theory]
    [InlineData("status=6", "status", "one of")]
    [InlineData("status=nosuch", "status", "one of")]
    [InlineData("from=2026-11-26", "from", "2026-01-31T12:00:00Z")]
    [InlineData("until=2026-11-26T10:00:00", "until", "2026-01-31T12:00:00Z")]
    public async Task A_search_that_says_not_what_it_means_is_refused_with_what_is_wanted(string query, string field, string wants)
    {
        using var admin = world.NewUser(null, "admin");
        using var answer = await admin.Http.GetAsync($"api/v1/admin/webhook-events?{query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonNode>())!["errors"]![field]![0]!.ToString().ShouldContain(wants);
    }

    [Fact]
    public async Task A_search_may_name_a_status_and_a_time_with_its_zone()
    {
        using var admin = world.NewUser(null, "admin");
        await admin.GetAsync("admin/webhook-events?status=processed&from=2026-01-01T00:00:00Z&until=2026-01-01T02:00:00%2B02:00&type=");
    }

    [Fact]
    public async Task Hostile_bodies_get_a_clean_400_and_never_a_500()
    {
        foreach (var body in new[] { "", "{", "[]", "null", "{\"id\":1}", "{\"id\":\"evt_\\u0000\",\"type\":\"x\",\"created\":1,\"livemode\":false}", new string('[', 5000) })
        {
            using var answer = await world.DeliverAsync(Encoding.UTF8.GetBytes(body));
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, body);
        }
    }

    private static JsonObject Event(string id, string type, JsonObject subject) => new()
    {
        ["id"] = id, ["object"] = "event", ["api_version"] = "2026-07-29.dahlia", ["created"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(), ["livemode"] = false,
        ["pending_webhooks"] = 1, ["request"] = new JsonObject { ["id"] = null, ["idempotency_key"] = null }, ["type"] = type, ["data"] = new JsonObject { ["object"] = subject },
    };

    private async Task<string?> StoredAsync(string id) =>
        await world.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events WHERE id = $1", id) == 0 ? null : await world.ScalarAsync<string>("SELECT status FROM payments.webhook_events WHERE id = $1", id);

    private Task BecomesAsync(string id, string status) => World.EventuallyAsync(async () => await StoredAsync(id) == status, $"{id} becomes {status}");
}
