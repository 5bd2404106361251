using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Admin;

public sealed class Forgetting_a_person(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Takes_who_it_was_out_of_everything_and_leaves_the_books()
    {
        const string email = "Forgotten.Person@erasure.example";
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser(email);
        var session = await ada.BuyAsync();
        await ada.PaidAsync(session);
        await world.SettleAsync();
        var customer = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.customers WHERE user_id = $1", ada.Id);
        // A provider's event that names the buyer, and belongs to no payment.
        using var delivered = await world.DeliverAsync(JsonNode.Parse(
            $$$"""
            {"id":"evt_names_the_buyer","object":"event","type":"customer.updated","api_version":"2026-06-24.dahlia","created":{{{world.Stripe.Now.ToUnixTimeSeconds()}}},"livemode":false,
             "data":{"object":{"id":"{{{customer}}}","object":"customer","email":"{{{email}}}","name":"Test Person","phone":"+49 1","livemode":false,"metadata":{"user_id":"{{{ada.Id}}}"},"created":1} } }
            """)!);
        delivered.StatusCode.ShouldBe(HttpStatusCode.OK);
        await world.SettleAsync();
        using var tax = await world.DeliverAsync(JsonNode.Parse(
            $$$"""
            {"id":"evt_names_the_tax_number","object":"event","type":"customer.tax_id.created","api_version":"2026-06-24.dahlia","created":{{{world.Stripe.Now.ToUnixTimeSeconds()}}},"livemode":false,
             "data":{"object":{"id":"txi_1","object":"tax_id","type":"eu_vat","value":"DE136695976","customer":"{{{customer}}}","livemode":false,"created":1,
              "verification":{"status":"verified","verified_name":"P. Forgotten","verified_address":"Only Street 1"} } } }
            """)!);
        tax.StatusCode.ShouldBe(HttpStatusCode.OK);
        await world.SettleAsync();
        (await StoredAsync(email)).ShouldBeGreaterThan(0);
        (await StoredAsync("DE136695976")).ShouldBe(1);

        var first = await EraseAsync(admin, ada.Id);

        first["users"].ShouldBe(1);
        first["customers"].ShouldBe(1);
        first["providerCustomers"].ShouldBe(1);
        first["webhookEvents"].ShouldBeGreaterThan(0);
        await World.EventuallyAsync(async () => (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers/{customer}"))!["deleted"]?.GetValue<bool>() == true, "the provider's customer is deleted");

        // The provider's own event of the deletion names the person once more.
        await World.EventuallyAsync(async () => await world.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events WHERE type = 'customer.deleted' AND object_id = $1", customer) == 1, "the event came");
        await world.SettleAsync();
        using (var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "PT11M" }))
        {
            moved.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await world.SettleAsync();
        (await StoredAsync(email)).ShouldBe(0);
        foreach (var word in new[] { "DE136695976", "P. Forgotten", "Only Street 1" })
        {
            (await StoredAsync(word)).ShouldBe(0, word);
        }

        (await StoredAsync("Test Person", $"AND convert_from(payload, 'UTF8') LIKE '%{customer}%'")).ShouldBe(0);

        // The books stay, and the account still works.
        var payment = await admin.PaymentAsync(session);
        (payment["status"]!.ToString(), payment["amount"]!["amount"]!.GetValue<long>()).ShouldBe(("succeeded", 999));
        (await world.ScalarAsync<long>("SELECT credits FROM users.users WHERE id = $1 AND email IS NULL AND name IS NULL", ada.Id)).ShouldBe(100);
        await world.LedgerIsSoundAsync();

        // Once more finds nothing left, and is written down too.
        await world.SettleAsync();
        (await EraseAsync(admin, ada.Id)).ShouldAllBe(e => e.Value == 0);
        var rows = (await admin.GetAsync($"admin/audit-log?subject={ada.Id}&action=user.erase"))["items"]!.AsArray();
        rows.Count.ShouldBe(2);
        rows.ToJsonString().ShouldNotContain(email, Case.Insensitive);
    }

    [Fact]
    public async Task Closes_what_they_could_still_pay_on()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var page = await ada.CheckoutAsync();
        var order = await ada.OrderAsync(await world.NewProductAsync(2));
        await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });

        await EraseAsync(admin, ada.Id);

        using var late = await world.PayAsync(page["sessionId"]!.ToString());
        late.IsSuccessStatusCode.ShouldBeFalse();
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.payments WHERE user_id = $1 AND status = 'expired'", ada.Id)).ShouldBe(2);
        (await world.ScalarAsync<string>("SELECT status FROM payments.orders WHERE user_id = $1", ada.Id)).ShouldBe("cancelled");
    }

    [Fact]
    public async Task Waits_until_no_subscription_is_live()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { planId = Plans.Monthly });
        await ada.PaidAsync(session);
        await world.SettleAsync();

        using var refused = await admin.PostAsync($"admin/users/{ada.Id}/erasure", new { });

        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("erasure.subscription_live");
        (await world.ScalarAsync<string>("SELECT email FROM users.users WHERE id = $1", ada.Id)).ShouldBe($"{ada.Id:N}@example.com");
    }

    [Fact]
    public async Task Of_nobody_is_not_found()
    {
        using var admin = world.NewUser(null, "admin");

        using var answer = await admin.PostAsync($"admin/users/{Guid.NewGuid()}/erasure", new { });

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<Dictionary<string, int>> EraseAsync(Caller admin, Guid user)
    {
        using var answer = await admin.PostAsync($"admin/users/{user}/erasure", new { reason = "Asked for by mail." });
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!["erased"]!.AsArray().ToDictionary(e => e!["what"]!.ToString(), e => e!["count"]!.GetValue<int>());
    }

    /// <summary>In how many rows of everything that is stored a word stands.</summary>
    private async Task<long> StoredAsync(string word, string events = "") => await world.ScalarAsync<long>(
        $"""
        SELECT (SELECT count(*) FROM payments.webhook_events WHERE convert_from(payload, 'UTF8') ILIKE $1 {events})
            + CASE WHEN '{events}' <> '' THEN 0 ELSE
                (SELECT count(*) FROM users.users WHERE email ILIKE $1) + (SELECT count(*) FROM payments.customers WHERE email ILIKE $1)
                + (SELECT count(*) FROM payments.gateway_requests WHERE body ILIKE replace($1, '@', '%40')) + (SELECT count(*) FROM notifications.notifications WHERE data::text ILIKE $1 OR recipient ILIKE $1)
                + (SELECT count(*) FROM payments.outbox WHERE data::text ILIKE $1) END
        """.Replace($"'{events}' <> ''", events.Length > 0 ? "true" : "false", StringComparison.Ordinal),
        $"%{word}%");
}
