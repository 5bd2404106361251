using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Admin;

/// <summary>Each write of the admin API, made once for real: a call that nobody wrote a step for fails the test.</summary>
public sealed class Every_write_is_written_down(World world) : IClassFixture<World>
{
    private static readonly object Pack = new { name = "Audited", credits = 5, price = new { amount = 100, currency = "usd" }, reason = Why };
    private static readonly object Plan = new { name = "Audited plan", price = new { amount = 700, currency = "usd" }, interval = "month", family = "audited", reason = Why };
    private static readonly object Item = new { name = "Audited course", type = "course", price = new { amount = 100, currency = "usd" }, reason = Why };
    private static readonly object Product = new { name = "Audited mug", price = new { amount = 100, currency = "usd" }, reason = Why };
    private const string Why = "Because the test says so.";

    [Fact]
    public async Task Who_when_what_why_and_from_where()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var session = await ada.BuyAsync();
        await ada.PaidAsync(session);
        await world.SettleAsync();
        var pack = (await SendAsync(admin, "POST", "/api/v1/admin/credit-packs", Pack))["id"]!.ToString();
        var plan = (await SendAsync(admin, "POST", "/api/v1/admin/plans", Plan))["id"]!.ToString();
        var item = (await SendAsync(admin, "POST", "/api/v1/admin/items", Item))["id"]!.ToString();
        var product = (await SendAsync(admin, "POST", "/api/v1/admin/products", Product))["id"]!.ToString();
        var evt = (await admin.GetAsync($"admin/webhook-events?paymentId={session["paymentId"]}"))["items"]![0]!["id"]!.ToString();
        var (accepted, returned) = (await world.PaidOtherwiseAsync(ada, new { creditAmount = 50 }), await world.PaidOtherwiseAsync(ada, new { creditAmount = 60 }));
        var count = (await SendAsync(admin, "POST", "/api/v1/admin/webhook-events/replay", new { objectId = session["sessionId"]!.ToString(), dryRun = true }))["count"]!.GetValue<long>();

        // The path to call, its body, the row's action, and whether there was something before.
        var steps = new Dictionary<string, (string Path, object? Body, string Action, bool Before)>
        {
            ["POST /api/v1/admin/credit-packs"] = ("/api/v1/admin/credit-packs", Pack, "credit_pack.create", false),
            ["PUT /api/v1/admin/credit-packs/{id}"] = ($"/api/v1/admin/credit-packs/{pack}", Pack, "credit_pack.edit", true),
            ["DELETE /api/v1/admin/credit-packs/{id}"] = ($"/api/v1/admin/credit-packs/{pack}?reason={Uri.EscapeDataString(Why)}", null, "credit_pack.deactivate", true),
            ["POST /api/v1/admin/plans"] = ("/api/v1/admin/plans", Plan, "plan.create", false),
            ["PUT /api/v1/admin/plans/{id}"] = ($"/api/v1/admin/plans/{plan}", Plan, "plan.edit", true),
            ["DELETE /api/v1/admin/plans/{id}"] = ($"/api/v1/admin/plans/{plan}?reason={Uri.EscapeDataString(Why)}", null, "plan.deactivate", true),
            ["POST /api/v1/admin/items"] = ("/api/v1/admin/items", Item, "item.create", false),
            ["PUT /api/v1/admin/items/{id}"] = ($"/api/v1/admin/items/{item}", Item, "item.edit", true),
            ["DELETE /api/v1/admin/items/{id}"] = ($"/api/v1/admin/items/{item}?reason={Uri.EscapeDataString(Why)}", null, "item.deactivate", true),
            ["POST /api/v1/admin/products"] = ("/api/v1/admin/products", Product, "product.create", false),
            ["PUT /api/v1/admin/products/{id}"] = ($"/api/v1/admin/products/{product}", Product, "product.edit", true),
            ["PUT /api/v1/admin/products/{id}/stock"] = ($"/api/v1/admin/products/{product}/stock", new { available = 7, reason = Why }, "product.set_stock", true),
            ["DELETE /api/v1/admin/products/{id}"] = ($"/api/v1/admin/products/{product}?reason={Uri.EscapeDataString(Why)}", null, "product.deactivate", true),
            ["POST /api/v1/admin/plans/sync"] = ("/api/v1/admin/plans/sync", new { reason = Why }, "plan.sync", false),
            ["POST /api/v1/admin/webhook-events/{id}/replay"] = ($"/api/v1/admin/webhook-events/{evt}/replay", new { reason = Why }, "webhook_event.replay", false),
            ["POST /api/v1/admin/webhook-events/replay"] =
                ("/api/v1/admin/webhook-events/replay", new { objectId = session["sessionId"]!.ToString(), dryRun = false, expectedCount = count, reason = Why }, "webhook_event.replay", false),
            ["POST /api/v1/admin/payments/{id}/mismatch/accept"] = ($"/api/v1/admin/payments/{accepted["paymentId"]}/mismatch/accept", new { reason = Why }, "payment.accept_mismatch", true),
            ["POST /api/v1/admin/payments/{id}/mismatch/refund"] = ($"/api/v1/admin/payments/{returned["paymentId"]}/mismatch/refund", new { reason = Why }, "payment.return_mismatch", true),
            ["POST /api/v1/payments/{id}/refunds"] = ($"/api/v1/payments/{session["paymentId"]}/refunds", new { note = Why, amount = 100 }, "refund.issue", true),
            ["POST /api/v1/admin/users/{id}/erasure"] = ($"/api/v1/admin/users/{ada.Id}/erasure", new { reason = Why }, "user.erase", false),
        };

        foreach (var call in (await AdminCalls.AllAsync(world)).Where(c => c.Writes))
        {
            steps.ShouldContainKey(call.ToString());
            var (path, body, action, before) = steps[call.ToString()];
            var rows = await RowsAsync(admin);

            await SendAsync(admin, call.Method, path, body);

            // What came of a refund is a row of its own.
            var row = (await RowsAsync(admin)).Single(r => r["action"]!.ToString() != "refund.outcome" && rows.All(known => known["id"]!.ToString() != r["id"]!.ToString()));
            row["action"]!.ToString().ShouldBe(action, call.ToString());
            row["actorId"]!.ToString().ShouldBe(admin.Id.ToString());
            row["actorEmail"]!.ToString().ShouldBe($"{admin.Id:N}@example.com");
            row["address"]!.ToString().ShouldNotBeNullOrEmpty(call.ToString());
            row["at"].ShouldNotBeNull();
            row["subject"]!.ToString().ShouldNotBeNullOrEmpty(call.ToString());
            row["reason"]!.ToString().ShouldBe(Why, call.ToString());
            row["after"].ShouldNotBeNull(call.ToString());
            (row["before"] is not null).ShouldBe(before, call.ToString());
        }
    }

    [Fact]
    public async Task That_is_refused_too_with_what_was_wanted_and_the_code()
    {
        using var admin = world.NewUser(null, "admin");
        var nothing = Guid.NewGuid();
        (await admin.TryAsync("admin/items", new { name = "", type = "course", price = new { amount = 100, currency = "usd" }, reason = Why })).Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await admin.TryAsync($"admin/users/{nothing}/erasure", new { reason = Why })).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
        (await admin.TryAsync("admin/products", new { name = "Mug", price = new { amount = 100, currency = "usd" }, reason = new string('y', 501) })).Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        using (var gone = await admin.Http.DeleteAsync($"api/v1/admin/products/{nothing}?reason={new string('y', 501)}"))
        {
            gone.StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
            JsonNode.Parse(await gone.Content.ReadAsStringAsync())!["errors"]!["reason"].ShouldNotBeNull();
        }

        var rows = await RowsAsync(admin);

        rows.Select(r => (r["action"]!.ToString(), r["subject"]!.ToString(), r["after"]!["code"]!.ToString())).ShouldBe(
        [
            ("write.refused", "deactivateProduct", "request.invalid"), ("write.refused", "createProduct", "request.invalid"),
            ("write.refused", "eraseUser", "user.not_found"), ("write.refused", "createItem", "name.invalid"),
        ]);
        rows[0]["after"]!["id"]!.ToString().ShouldBe(nothing.ToString(), "an id is a text whatever it is of");
        rows[2]["reason"]!.ToString().ShouldBe(Why);
        rows[3]["after"]!["terms"]!["price"]!.ToJsonString().ShouldBe("""{"amount":100,"currency":"usd"}""");
    }

    private static async Task<List<JsonNode>> RowsAsync(Caller admin) => [.. (await admin.GetAsync($"admin/audit-log?actorId={admin.Id}&limit=100"))["items"]!.AsArray().Select(r => r!)];

    private static async Task<JsonNode> SendAsync(Caller admin, string method, string path, object? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await admin.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{method} {path}: {text}");
        return JsonNode.Parse(text)!;
    }
}
