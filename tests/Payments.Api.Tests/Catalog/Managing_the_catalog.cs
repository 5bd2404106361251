using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Catalog;

public sealed class Managing_the_catalog(World world) : IClassFixture<World>
{
    private const string Monthly = "d0000000-0000-4000-8000-000000000001";

    [Fact]
    public async Task Everybody_sees_the_seeded_plans_in_order()
    {
        using var anybody = world.Anonymous();

        var plans = (await anybody.GetFromJsonAsync<JsonNode>("api/v1/plans"))!;

        plans["nextCursor"].ShouldBeNull();
        var items = plans["items"]!.AsArray().Where(p => p!["id"]!.ToString().StartsWith("d0000000-", StringComparison.Ordinal)).Select(p => p!.ToJsonString()).ToList();
        items.Count.ShouldBe(4);
        items[0].ShouldBe($$$"""{"id":"{{{Monthly}}}","name":"Monthly","price":{"amount":1900,"currency":"usd"},"interval":"month","intervalCount":1,"trialDays":0,"creditsPerPeriod":200,"family":"pro","rank":1,"maximumQuantity":1}""");
        items[1].ShouldContain("\"Yearly\",\"price\":{\"amount\":19000,\"currency\":\"usd\"},\"interval\":\"year\"");
        items[2].ShouldContain("\"creditsPerPeriod\":100,\"family\":\"team\",\"rank\":1,\"maximumQuantity\":500");
        items[3].ShouldContain("\"trialDays\":14,\"creditsPerPeriod\":400,\"family\":\"pro\",\"rank\":3");
    }

    [Fact]
    public async Task Everybody_sees_what_a_free_amount_of_credits_costs()
    {
        using var anybody = world.Anonymous();

        (await anybody.GetStringAsync("api/v1/credit-amount")).ShouldBe("""{"unitPrice":{"amount":10,"currency":"usd"},"minimum":10,"maximum":100000}""");
    }

    [Theory]
    [InlineData("plans")]
    [InlineData("credit-packs")]
    public async Task A_catalog_that_has_not_changed_is_not_sent_again(string catalog)
    {
        using var anybody = world.Anonymous();
        using var first = await anybody.GetAsync($"api/v1/{catalog}");
        first.Headers.CacheControl!.NoCache.ShouldBeTrue();

        using var again = new HttpRequestMessage(HttpMethod.Get, $"api/v1/{catalog}");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var unchanged = await anybody.SendAsync(again);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await unchanged.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();

        using var other = new HttpRequestMessage(HttpMethod.Get, $"api/v1/{catalog}");
        other.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"another\""));
        using var sent = await anybody.SendAsync(other);
        sent.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_plan_is_made_edited_and_taken_off_sale_and_each_time_the_public_list_follows()
    {
        using var admin = world.NewUser(null, "admin");
        var made = await SendAsync(admin, HttpMethod.Post, "admin/plans", new { name = "Weekly Deluxe", price = new { amount = 700, currency = "EUR" }, interval = "week", family = "deluxe", reason = "Asked for." });
        var id = made["id"]!.ToString();
        made.ToJsonString().ShouldBe(
            $$$"""{"id":"{{{id}}}","name":"Weekly Deluxe","type":"weekly-deluxe","price":{"amount":700,"currency":"eur"},"interval":"week","intervalCount":1,"trialDays":0,"creditsPerPeriod":0,"creditsExpireAfterDays":null,"family":"deluxe","rank":0,"maximumQuantity":1,"access":{"type":"platform","id":"*"},"refundPolicy":"debt","active":true,"displayOrder":0,"gatewayPriceId":null}""");
        await ListsAsync(id, listed: true);
        (await admin.GetAsync($"admin/plans/{id}")).ToJsonString().ShouldBe(made.ToJsonString());

        var edited = await SendAsync(admin, HttpMethod.Put, $"admin/plans/{id}", new
        {
            name = "Weekly", type = "deluxe", price = new { amount = 800, currency = "eur" }, interval = "week", intervalCount = 2, trialDays = 7, creditsPerPeriod = 10, creditsExpireAfterDays = 30,
            family = "deluxe", rank = 2, maximumQuantity = 5, access = new { type = "course", id = "42" }, refundPolicy = "clamp", active = true, displayOrder = 9,
        });
        (edited["access"]!.ToJsonString(), edited["refundPolicy"]!.ToString(), edited["intervalCount"]!.GetValue<int>()).ShouldBe(("""{"type":"course","id":"42"}""", "clamp", 2));

        var gone = await SendAsync(admin, HttpMethod.Delete, $"admin/plans/{id}?reason=Over.", null);
        gone["active"]!.GetValue<bool>().ShouldBeFalse();
        await ListsAsync(id, listed: false);
        (await admin.GetAsync("admin/plans"))["items"]!.AsArray().ShouldContain(p => p!["id"]!.ToString() == id);

        var rows = await AuditAsync(id);
        rows.Select(r => r["action"]!.ToString()).ShouldBe(["plan.create", "plan.edit", "plan.deactivate"]);
        rows.ShouldAllBe(r => r["actor_id"]!.ToString() == admin.Id.ToString());
        (rows[0]["before"], rows[0]["reason"]!.ToString(), rows[2]["reason"]!.ToString()).ShouldBe((null, "Asked for.", "Over."));
        rows[1]["before"]!["price"]!.ToJsonString().ShouldBe("""{"amount":700,"currency":"eur"}""");
        (rows[1]["after"]!["price"]!["amount"]!.GetValue<long>(), rows[1]["after"]!["interval"]!.ToString(), rows[1]["after"]!["access"]!["type"]!.ToString()).ShouldBe((800, "week", "course"));
        (rows[2]["before"]!["active"]!.GetValue<bool>(), rows[2]["after"]!["active"]!.GetValue<bool>()).ShouldBe((true, false));
    }

    [Fact]
    public async Task A_credit_pack_is_made_edited_and_taken_off_sale()
    {
        using var admin = world.NewUser(null, "admin");
        var made = await SendAsync(admin, HttpMethod.Post, "admin/credit-packs", new { name = "Tiny", credits = 5, price = new { amount = 99, currency = "usd" }, displayOrder = 50 });
        var id = made["id"]!.ToString();
        made.ToJsonString().ShouldBe($$$"""{"id":"{{{id}}}","name":"Tiny","credits":5,"price":{"amount":99,"currency":"usd"},"creditsExpireAfterDays":null,"refundPolicy":"debt","active":true,"displayOrder":50}""");
        using var ada = world.NewUser();
        var before = await ada.CheckoutAsync(new { creditPackId = id });

        await SendAsync(admin, HttpMethod.Put, $"admin/credit-packs/{id}", new { name = "Tiny", credits = 6, price = new { amount = 199, currency = "usd" }, reason = "Dearer." });
        (await ada.GetAsync($"payments/{before["paymentId"]}"))["amount"]!["amount"]!.GetValue<long>().ShouldBe(99, "what was opened keeps its price");
        var after = await ada.CheckoutAsync(new { creditPackId = id });
        (await ada.GetAsync($"payments/{after["paymentId"]}"))["amount"]!["amount"]!.GetValue<long>().ShouldBe(199);

        await SendAsync(admin, HttpMethod.Delete, $"admin/credit-packs/{id}", null);
        using var refused = await ada.PostAsync("payments/checkout-session", new { creditPackId = id });
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await AuditAsync(id)).Select(r => r["action"]!.ToString()).ShouldBe(["credit_pack.create", "credit_pack.edit", "credit_pack.deactivate"]);
    }

    [Fact]
    public async Task An_item_is_made_edited_and_taken_off_sale()
    {
        using var admin = world.NewUser(null, "admin");
        var made = await SendAsync(admin, HttpMethod.Post, "admin/items", new { name = "New lab", type = "lab", price = new { amount = 500, currency = "usd" } });
        var id = made["id"]!.ToString();
        made.ToJsonString().ShouldBe($$$"""{"id":"{{{id}}}","name":"New lab","type":"lab","resourceId":null,"price":{"amount":500,"currency":"usd"},"refundWindowDays":null,"active":true,"displayOrder":0}""");
        await ListsAsync(id, listed: true, "items");

        await SendAsync(admin, HttpMethod.Put, $"admin/items/{id}", new { name = "New path", type = "learningPath", resourceId = "np", price = new { amount = 600, currency = "usd" }, refundWindowDays = 3, reason = "Grown." });
        await World.EventuallyAsync(
            async () =>
            {
                using var anybody = world.Anonymous();
                return (await anybody.GetFromJsonAsync<JsonNode>("api/v1/items"))!["items"]!.AsArray().Single(i => i!["id"]!.ToString() == id)!.ToJsonString()
                    == $$$"""{"id":"{{{id}}}","name":"New path","type":"learningPath","resourceId":"np","price":{"amount":600,"currency":"usd"},"refundWindowDays":3}""";
            },
            "the item is listed as it is now");

        await SendAsync(admin, HttpMethod.Delete, $"admin/items/{id}?reason=Old", null);
        await ListsAsync(id, listed: false, "items");
        using var ada = world.NewUser();
        using var refused = await ada.PostAsync("purchases", new { itemId = id });
        (refused.StatusCode, (await refused.Content.ReadFromJsonAsync<JsonNode>())!["code"]!.ToString()).ShouldBe((HttpStatusCode.NotFound, "item.not_found"));
        (await AuditAsync(id)).Select(r => (r["action"]!.ToString(), r["reason"]?.ToString())).ShouldBe([("item.create", null), ("item.edit", "Grown."), ("item.deactivate", "Old")]);
    }

    [Fact]
    public async Task A_product_is_made_edited_stocked_and_taken_off_sale()
    {
        using var admin = world.NewUser(null, "admin");
        var made = await SendAsync(admin, HttpMethod.Post, "admin/products", new { name = "Cup", price = new { amount = 500, currency = "usd" }, available = 3 });
        var id = made["id"]!.ToString();
        made.ToJsonString().ShouldBe($$$"""{"id":"{{{id}}}","name":"Cup","price":{"amount":500,"currency":"usd"},"stock":{"available":3,"reserved":0,"sold":0},"active":true,"displayOrder":0}""");
        await ListsAsync(id, listed: true, "products");
        using var ada = world.NewUser();
        await SendAsync(ada, HttpMethod.Post, "orders", new { items = new[] { new { productId = id, quantity = 2 } } });

        var stocked = await SendAsync(admin, HttpMethod.Put, $"admin/products/{id}/stock", new { available = 40, reason = "Delivered." });
        stocked["stock"]!.ToJsonString().ShouldBe("""{"available":40,"reserved":2,"sold":0}""");
        await SendAsync(admin, HttpMethod.Put, $"admin/products/{id}", new { name = "Big cup", price = new { amount = 700, currency = "usd" } });
        using (var anybody = world.Anonymous())
        {
            await World.EventuallyAsync(
                async () => (await anybody.GetFromJsonAsync<JsonNode>("api/v1/products"))!["items"]!.AsArray().Single(i => i!["id"]!.ToString() == id)!.ToJsonString()
                    == $$$"""{"id":"{{{id}}}","name":"Big cup","price":{"amount":700,"currency":"usd"},"available":40}""",
                "the product is listed as it is now");
        }

        using var below = await admin.Http.PutAsJsonAsync($"api/v1/admin/products/{id}/stock", new { available = -1 });
        below.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await SendAsync(admin, HttpMethod.Delete, $"admin/products/{id}", null);
        await ListsAsync(id, listed: false, "products");
        (await AuditAsync(id)).Select(r => r["action"]!.ToString()).ShouldBe(["product.create", "product.set_stock", "product.edit", "product.deactivate"]);
    }

    [Theory]
    [InlineData("plans", """{ "name": "", "price": { "amount": 700, "currency": "eur" }, "interval": "week", "family": "f" }""", "name")]
    [InlineData("plans", """{ "name": "P", "price": { "amount": 0, "currency": "eur" }, "interval": "week", "family": "f" }""", "price.amount")]
    [InlineData("plans", """{ "name": "P", "price": { "amount": 1, "currency": "euro" }, "interval": "week", "family": "f" }""", "price.currency")]
    [InlineData("plans", """{ "name": "P", "price": { "amount": 700, "currency": "eur" }, "interval": "fortnight", "family": "f" }""", "interval")]
    [InlineData("plans", """{ "name": "P", "price": { "amount": 700, "currency": "eur" }, "interval": "week" }""", "family")]
    [InlineData("plans", """{ "name": "P", "price": { "amount": 700, "currency": "eur" }, "interval": "week", "family": "f", "maximumQuantity": 0 }""", "maximumQuantity")]
    [InlineData("credit-packs", """{ "name": "P", "price": { "amount": 700, "currency": "eur" }, "credits": 0 }""", "credits")]
    [InlineData("items", """{ "name": "P", "price": { "amount": 700, "currency": "eur" }, "type": "book" }""", "type")]
    [InlineData("items", """{ "name": "P", "price": { "amount": 700, "currency": "eur" }, "type": "lab", "resourceId": "a b" }""", "resourceId")]
    [InlineData("products", """{ "name": "P", "price": { "amount": 700, "currency": "eur" }, "available": -1 }""", "available")]
    [InlineData("products", """{ "name": "P", "price": { "amount": 0, "currency": "eur" } }""", "price.amount")]
    public async Task What_cannot_be_is_refused_by_its_field(string catalog, string body, string field)
    {
        using var admin = world.NewUser(null, "admin");

        using var answer = await admin.PostAsync($"admin/{catalog}", JsonNode.Parse(body)!);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonNode>())!["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
    }

    [Fact]
    public async Task A_resource_is_on_sale_by_one_item_at_a_time_and_owned_whatever_item_it_was_bought_by()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var resource = $"shared-{Guid.NewGuid():N}";
        object Terms(string name, bool active = true) => new { name, type = "course", resourceId = resource, price = new { amount = 700, currency = "usd" }, active };
        var first = await SendAsync(admin, HttpMethod.Post, "admin/items", Terms("First"));

        var (status, problem) = await admin.TryAsync("admin/items", Terms("Second"));
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "item.resource_taken"));
        problem["errors"]!["resourceId"].ShouldNotBeNull();
        var second = await SendAsync(admin, HttpMethod.Post, "admin/items", Terms("Second", active: false));
        using (var activated = await admin.Http.PutAsJsonAsync($"api/v1/admin/items/{second["id"]}", Terms("Second")))
        {
            activated.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        }

        await SendAsync(admin, HttpMethod.Put, $"admin/items/{first["id"]}", Terms("First, edited"));
        await world.BuyItemAsync(ada, Guid.Parse(first["id"]!.ToString()));
        await SendAsync(admin, HttpMethod.Delete, $"admin/items/{first["id"]}", null);
        await SendAsync(admin, HttpMethod.Put, $"admin/items/{second["id"]}", Terms("Second"));

        var (again, owned) = await ada.TryAsync("purchases", new { itemId = second["id"]!.ToString() });
        (again, owned["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "item.owned"));
    }

    [Fact]
    public async Task One_of_many_at_once_puts_a_resource_on_sale()
    {
        using var admin = world.NewUser(null, "admin");
        var resource = $"raced-{Guid.NewGuid():N}";

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => admin.TryAsync("admin/items", new { name = $"Racer {i}", type = "lab", resourceId = resource, price = new { amount = 700, currency = "usd" } })));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.Status == HttpStatusCode.Conflict).ShouldBe(7);
    }

    [Fact]
    public async Task Staff_read_and_only_admins_write()
    {
        var body = new { name = "Mine", price = new { amount = 100, currency = "usd" }, interval = "day", family = "f", credits = 1, type = "lab" };
        foreach (var (role, mayRead) in new[] { ("support", true), ("finance", true), ("customer", false) })
        {
            using var caller = world.NewUser(null, role);
            foreach (var catalog in new[] { "plans", "credit-packs", "items", "products" })
            {
                using var read = await caller.Http.GetAsync($"api/v1/admin/{catalog}");
                read.StatusCode.ShouldBe(mayRead ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
                using var made = await caller.PostAsync($"admin/{catalog}", body);
                made.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
                using var edited = await caller.Http.PutAsJsonAsync($"api/v1/admin/{catalog}/{Guid.NewGuid()}", body);
                edited.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
                using var removed = await caller.Http.DeleteAsync($"api/v1/admin/{catalog}/{Guid.NewGuid()}");
                removed.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            }

            using var synced = await caller.PostAsync("admin/plans/sync", new { });
            synced.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        using var admin = world.NewUser(null, "admin");
        foreach (var (catalog, code) in new[] { ("plans", "plan.not_found"), ("credit-packs", "credit_pack.not_found"), ("items", "item.not_found"), ("products", "product.not_found") })
        {
            using var unknown = await admin.Http.GetAsync($"api/v1/admin/{catalog}/{Guid.NewGuid()}");
            (unknown.StatusCode, (await unknown.Content.ReadFromJsonAsync<JsonNode>())!["code"]!.ToString()).ShouldBe((HttpStatusCode.NotFound, code));
            using var gone = await admin.Http.DeleteAsync($"api/v1/admin/{catalog}/{Guid.NewGuid()}");
            gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task The_same_key_makes_one_plan()
    {
        using var admin = world.NewUser(null, "admin");
        var body = new { name = "Once", price = new { amount = 100, currency = "usd" }, interval = "day", family = "once", active = false };

        using var first = await admin.PostAsync("admin/plans", body, "plan-once");
        using var second = await admin.PostAsync("admin/plans", body, "plan-once");

        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.plans WHERE family = 'once'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_sync_makes_a_plan_follow_the_price_that_was_attached_to_it()
    {
        using var admin = world.NewUser(null, "admin");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["currency"] = "usd", ["unit_amount"] = "4500", ["recurring[interval]"] = "month", ["recurring[interval_count]"] = "3", ["product_data[name]"] = "Quarterly" });
        using var created = await world.Simulator.PostAsync("/v1/prices", form);
        var price = (await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!.ToString();
        var plan = await SendAsync(admin, HttpMethod.Post, "admin/plans", new { name = "Quarterly", price = new { amount = 100, currency = "usd" }, interval = "month", family = "quarterly", gatewayPriceId = price });
        using var taken = await admin.PostAsync("admin/plans", new { name = "Other", price = new { amount = 100, currency = "usd" }, interval = "month", family = "quarterly", gatewayPriceId = price });
        (taken.StatusCode, (await taken.Content.ReadFromJsonAsync<JsonNode>())!["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "plan.gateway_price_taken"));

        var sync = await SendAsync(admin, HttpMethod.Post, "admin/plans/sync", new { reason = "Prices changed." });

        sync["adopted"]!.AsArray().ShouldHaveSingleItem()!.ToJsonString().ShouldBe(
            $$$"""{"planId":"{{{plan["id"]}}}","gatewayPriceId":"{{{price}}}","ours":{"price":{"amount":100,"currency":"usd"},"interval":"month","intervalCount":1},"theirs":{"price":{"amount":4500,"currency":"usd"},"interval":"month","intervalCount":3}}""");
        (await admin.GetAsync($"admin/plans/{plan["id"]}"))["price"]!["amount"]!.GetValue<long>().ShouldBe(4500);
        var follow = (await AuditAsync(plan["id"]!.ToString()))[^1];
        (follow["action"]!.ToString(), follow["reason"]!.ToString()).ShouldBe(("plan.follow_price", "Prices changed."));
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.audit_log WHERE action = 'plan.sync' AND after->'adopted'->0->>'gatewayPriceId' = $1", price)).ShouldBe(1);
    }

    private static async Task<JsonNode> SendAsync(Caller caller, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, $"api/v1/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await caller.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>At once: who has just edited the catalog sees it as it is.</summary>
    private async Task ListsAsync(string id, bool listed, string catalog = "plans")
    {
        using var anybody = world.Anonymous();
        (await anybody.GetFromJsonAsync<JsonNode>($"api/v1/{catalog}"))!["items"]!.AsArray().Any(p => p!["id"]!.ToString() == id).ShouldBe(listed);
    }

    private async Task<List<JsonNode>> AuditAsync(string subject) =>
        [.. JsonNode.Parse(await world.ScalarAsync<string>("SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY id), '[]')::text FROM payments.audit_log a WHERE subject = $1", subject))!.AsArray().Select(r => r!)];
}
