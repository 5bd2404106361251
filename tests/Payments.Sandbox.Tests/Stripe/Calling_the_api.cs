using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Calling_the_api
{
    [Fact]
    public async Task Needs_the_key_as_bearer_or_basic()
    {
        await using var sandbox = await Sandbox.StartAsync();
        (await StatusAsync(sandbox, new("Bearer", sandbox.Simulator.SecretKey))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(sandbox, new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(sandbox.Simulator.SecretKey + ":"))))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(sandbox, new("Bearer", "sk_test_another4eC39HqLyjWDarjtT1zdp7dc"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(sandbox, null)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task With_a_wrong_key_shows_it_masked_and_no_request_id()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/customers");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk_test_wrongwrongwrongwrong1234");

        var refused = await sandbox.SendAsync(request);

        refused["error.message"].ShouldBe("Invalid API Key provided: sk_test_********************1234");
        refused["error.type"].ShouldBe("invalid_request_error");
        refused.Headers.ShouldNotContainKey("Request-Id");
    }

    [Fact]
    public async Task With_any_test_key_works_where_the_sandbox_allows_it()
    {
        await using var sandbox = await Sandbox.StartAsync(o => o with { AcceptAnyTestKey = true });
        (await StatusAsync(sandbox, new("Bearer", "sk_test_another4eC39HqLyjWDarjtT1zdp7dc"))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(sandbox, new("Bearer", "sk_live_another4eC39HqLyjWDarjtT1zdp7dc"))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Answers_with_a_request_id_the_version_and_indented_json()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var reply = await sandbox.PostAsync("/v1/customers", "name=1+%C3%97+Basic");
        reply.Headers["Request-Id"].ShouldStartWith("req_");
        reply.Headers["Stripe-Version"].ShouldBe("2026-07-29.dahlia");
        reply.Text.ShouldContain("\n  \"name\": \"1 × Basic\",\n");
        (await sandbox.GetAsync("/v1/customers")).Headers["Stripe-Version"].ShouldBe("2026-07-29.dahlia");
    }

    [Fact]
    public async Task At_an_unknown_url_or_id_is_404_and_of_an_unknown_id_in_a_body_400()
    {
        await using var sandbox = await Sandbox.StartAsync();
        (await sandbox.GetAsync("/v1/nothing")).Status.ShouldBe(HttpStatusCode.NotFound);
        var unknown = await sandbox.GetAsync("/v1/customers/cus_none");
        unknown.Status.ShouldBe(HttpStatusCode.NotFound);
        unknown["error.code"].ShouldBe("resource_missing");
        unknown["error.message"].ShouldBe("No such customer: 'cus_none'");
        var body = await sandbox.PostAsync("/v1/payment_intents", "amount=500&currency=usd&customer=cus_none");
        body.Status.ShouldBe(HttpStatusCode.BadRequest);
        body["error.code"].ShouldBe("resource_missing");
        body["error.param"].ShouldBe("customer");
    }

    [Fact]
    public async Task Pages_newest_first_by_cursors()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (await sandbox.PostAsync("/v1/customers", $"name=c{i}"))["id"]!);
        }

        await CheckAsync("limit=2", true, ids[0], ids[1]);
        await CheckAsync($"limit=2&starting_after={ids[1]}", true, ids[2], ids[3]);
        await CheckAsync($"limit=2&starting_after={ids[3]}", false, ids[4]);
        await CheckAsync($"limit=2&ending_before={ids[4]}", true, ids[2], ids[3]);
        await CheckAsync($"limit=3&ending_before={ids[2]}", false, ids[0], ids[1]);
        (await sandbox.GetAsync("/v1/customers?limit=0")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.GetAsync("/v1/customers?limit=101")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.GetAsync("/v1/customers?starting_after=cus_none")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.GetAsync($"/v1/customers?created[gte]={DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}")).Json["data"]!.AsArray().ShouldBeEmpty();

        async Task CheckAsync(string query, bool more, params string[] expected)
        {
            var list = await sandbox.GetAsync("/v1/customers?" + query);
            list.Json["data"]!.AsArray().Select(c => (string)c!["id"]!).ShouldBe(expected);
            list["has_more"].ShouldBe(more ? "true" : "false");
            list["url"].ShouldBe("/v1/customers");
        }
    }

    [Fact]
    public async Task Filters_sessions_by_customer_intent_and_status()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers", "email=a@example.com");
        var mine = await sandbox.SessionAsync(more: $"customer={customer["id"]}");
        await sandbox.SessionAsync();
        await sandbox.PayAsync(mine);
        var intent = (await sandbox.GetAsync($"/v1/checkout/sessions/{mine["id"]}"))["payment_intent"];

        (await FoundAsync($"customer={customer["id"]}")).ShouldBe([mine["id"]]);
        (await FoundAsync($"payment_intent={intent}")).ShouldBe([mine["id"]]);
        (await FoundAsync("status=complete")).ShouldBe([mine["id"]]);
        (await FoundAsync("status=open")).Count.ShouldBe(1);

        async Task<List<string?>> FoundAsync(string query) =>
            [.. (await sandbox.GetAsync("/v1/checkout/sessions?" + query)).Json["data"]!.AsArray().Select(s => s!["id"]?.ToString())];
    }

    [Theory]
    [InlineData("expand[]=bogus")]
    [InlineData("expand[]=customer.bogus")]
    [InlineData("expand[]=payment_intent.latest_charge.balance_transaction.source.customer")]
    public async Task Refuses_to_expand_what_cannot_be(string query)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        var session = await sandbox.SessionAsync(more: $"customer={customer["id"]}");
        (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?{query}")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Expands_in_lists_and_on_post()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers", "email=a@example.com");
        var intent = await sandbox.PostAsync(
            "/v1/payment_intents",
            $"amount=500&currency=usd&customer={customer["id"]}&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card&expand[0]=customer&expand[1]=latest_charge");
        intent["customer.email"].ShouldBe("a@example.com");
        intent["latest_charge.paid"].ShouldBe("true");
        var list = await sandbox.GetAsync("/v1/payment_intents?expand[]=data.customer");
        list["data.0.customer.email"].ShouldBe("a@example.com");
    }

    [Fact]
    public async Task Merges_metadata_and_minds_its_limits()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers", "metadata[a]=1&metadata[b]=2");
        var path = $"/v1/customers/{customer["id"]}";
        (await sandbox.PostAsync(path, "metadata[a]=&metadata[c]=3")).Json["metadata"]!.ToJsonString().ShouldBe("""{"b":"2","c":"3"}""");
        (await sandbox.EventAsync("customer.updated"))["data"]!["previous_attributes"]!.ToJsonString().ShouldBe("""{"metadata":{"a":"1","c":null}}""");
        (await sandbox.PostAsync(path, "metadata=")).Json["metadata"]!.ToJsonString().ShouldBe("{}");
        (await sandbox.PostAsync(path, $"metadata[{new string('k', 41)}]=1")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.PostAsync(path, $"metadata[k]={new string('v', 501)}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        var many = string.Join('&', Enumerable.Range(0, 51).Select(i => $"metadata[k{i}]=1"));
        (await sandbox.PostAsync(path, many)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_deleted_customer_says_so_and_cannot_be_used()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        (await sandbox.DeleteAsync($"/v1/customers/{customer["id"]}"))["deleted"].ShouldBe("true");
        (await sandbox.GetAsync($"/v1/customers/{customer["id"]}"))["deleted"].ShouldBe("true");
        (await sandbox.PostAsync("/v1/payment_intents", $"amount=500&currency=usd&customer={customer["id"]}"))["error.code"].ShouldBe("resource_missing");
        (await sandbox.GetAsync("/v1/customers")).Json["data"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("amount=0&currency=usd", "parameter_invalid_integer")]
    [InlineData("amount=49&currency=usd", "amount_too_small")]
    [InlineData("amount=29&currency=gbp", "amount_too_small")]
    [InlineData("amount=49&currency=jpy", "amount_too_small")]
    [InlineData("amount=100000000&currency=usd", "amount_too_large")]
    [InlineData("amount=1005&currency=kwd", "parameter_invalid_integer")]
    [InlineData("amount=1050&currency=isk", "parameter_invalid_integer")]
    [InlineData("amount=500&currency=xyz", null)]
    public async Task Minds_each_currencys_amounts(string form, string? code)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var refused = await sandbox.PostAsync("/v1/payment_intents", form);
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused["error.code"].ShouldBe(code);
    }

    [Theory]
    [InlineData(29, false)]
    [InlineData(30, true)]
    [InlineData(24 * 60, true)]
    [InlineData((24 * 60) + 5, false)]
    public async Task Takes_an_expiry_from_half_an_hour_to_a_day(int minutes, bool taken)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var reply = await sandbox.PostAsync(
            "/v1/checkout/sessions",
            $"mode=payment&success_url=https://a.example&expires_at={DateTimeOffset.UtcNow.AddMinutes(minutes).ToUnixTimeSeconds()}&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=500&line_items[0][price_data][product_data][name]=x");
        reply.Status.ShouldBe(taken ? HttpStatusCode.OK : HttpStatusCode.BadRequest, reply.Text);
        (await sandbox.GetAsync("/v1/products")).Json["data"]!.AsArray().Count.ShouldBe(taken ? 1 : 0);
    }

    private static async Task<HttpStatusCode> StatusAsync(Sandbox sandbox, AuthenticationHeaderValue? authorization)
    {
        using var http = new HttpClient { BaseAddress = sandbox.Simulator.Address };
        http.DefaultRequestHeaders.Authorization = authorization;
        using var response = await http.GetAsync(new Uri("/v1/customers", UriKind.Relative));
        return response.StatusCode;
    }
}
