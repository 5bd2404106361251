using System.Net.Http.Json;
using System.Text.Json;

namespace Payments.Sandbox.Tests.Browsing;

/// <summary>What a newcomer does in a browser a minute after ./run: everything together, in Chromium.</summary>
[Collection(Browsed.Name)]
public sealed class The_pages_of_a_running_sandbox(BrowsedSandbox shared)
{
    private Uri Api => shared.Api;

    [Fact]
    public async Task A_newcomer_signs_in_as_ada_and_buys_and_may_come_back_without_having_paid()
    {
        await using var window = await shared.Browser.OpenAsync(Api);
        var page = window.Page;
        await page.GotoAsync("/");
        await page.ClickAsync("[aria-label='Buy: Starter, 100 credits']");
        await page.ClickAsync("dialog button:has-text('Ada Lovelace')");

        await page.ClickAsync("a.back"); // of the payment page
        await page.WaitForSelectorAsync("h1:text-is('Nothing was paid')");
        await page.ClickAsync("text=Go on paying");
        await page.PayAsync();

        await page.WaitForSelectorAsync("h1:text-is('Thank you')");
        (await page.InnerTextAsync("#outcome")).ShouldContain("You now have 100 credits.");
        await page.WaitForSelectorAsync(".balance:has-text('100')");
        (await shared.Sandbox.CreditsAsync("ada")).ShouldBe(100);
        window.Complaints.ShouldBeEmpty();
        window.Requests.ShouldAllBe(url => new Uri(url).IsLoopback || url.StartsWith("data:", StringComparison.Ordinal));
        window.Requests.ShouldAllBe(url => !url.Contains(shared.Sandbox.File.GetProperty("tokens").GetProperty("ada").GetString()!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_resends_sets_faults_moves_the_clock_and_reads_the_mail()
    {
        await shared.Sandbox.GrantAsync("grace", credits: 5);
        await using var window = await shared.Browser.OpenAsync(Api);
        var page = window.Page;
        await page.GotoAsync("/");
        await page.ClickAsync("[aria-label='Buy: Kubernetes lab']");
        await page.ClickAsync("dialog button:has-text('Grace Hopper')");
        await page.PayAsync();
        await page.WaitForSelectorAsync("h1:text-is('Thank you')");
        await page.ClickAsync("nav >> text=Sandbox");

        await page.ClickAsync("#deliveries button[aria-label^='Send again: payment_intent.succeeded']");
        await page.WaitForSelectorAsync(".toast:has-text('Sent again: 200.')");

        await page.FillAsync("[name='deliveries.drop']", "50");
        await page.ClickAsync("#faults button:text-is('Set')");
        await page.WaitForSelectorAsync("#faults-state:has-text('Things go wrong')");
        (await ControlAsync("faults")).GetProperty("deliveries").GetProperty("drop").GetDouble().ShouldBe(0.5);
        await page.ClickAsync("#faults button:text-is('None')");
        await page.WaitForSelectorAsync("#faults-state:has-text('All goes well')");
        (await page.InputValueAsync("[name='deliveries.drop']")).ShouldBe("0");

        var before = (await ControlAsync("clock")).GetProperty("now").GetDateTimeOffset();
        await page.FillAsync("[name=move]", "whenever");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#clock .field-error");
        await page.FillAsync("[name=move]", "1 day and 2 hours");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync(".toast:has-text('It is')");
        ((await ControlAsync("clock")).GetProperty("now").GetDateTimeOffset() - before).TotalHours.ShouldBeInRange(26, 27);

        await page.ClickAsync("#mail button:has-text('Your payment for Kubernetes lab is confirmed')");
        var mail = page.FrameLocator("dialog iframe");
        (await mail.Locator("body").InnerTextAsync()).ShouldContain("Grace Hopper");
        window.Complaints.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sandbox")]
    public async Task On_a_phone_nothing_is_cut_off_and_every_field_and_button_has_a_name(string path)
    {
        await using var window = await shared.Browser.OpenAsync(Api, width: 360);
        await window.Page.GotoAsync(path);
        await window.Page.WaitForSelectorAsync(path == "/" ? "#goods" : "#people .person");

        (await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).ShouldBeTrue();
        var nameless = await window.Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('button, input, select')].filter(e => !(e.textContent.trim() || e.labels?.length || e.getAttribute('aria-label'))).length");
        nameless.ShouldBe(0);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Everybody_may_be_signed_in_as_and_the_places_are_known()
    {
        using var http = new HttpClient { BaseAddress = Api };

        var users = await http.GetFromJsonAsync<JsonElement[]>("/sandbox/users");
        var places = await http.GetFromJsonAsync<JsonElement>("/sandbox/addresses");

        users!.Select(user => user.GetProperty("email").GetString()).ShouldBe(["ada@example.com", "grace@example.com", "admin@example.com", "support@example.com", "finance@example.com"]);
        http.DefaultRequestHeaders.Authorization = new("Bearer", users![2].GetProperty("token").GetString());
        (await http.GetAsync(new Uri("/api/v1/admin/payments", UriKind.Relative))).EnsureSuccessStatusCode();
        places.GetProperty("stripe").GetString().ShouldBe(shared.Sandbox.File.GetProperty("stripe").GetString());
        places.GetProperty("mail").GetString().ShouldBe(shared.Sandbox.File.GetProperty("mail").GetString());
    }

    private async Task<JsonElement> ControlAsync(string name)
    {
        using var http = new HttpClient();
        return await http.GetFromJsonAsync<JsonElement>(new Uri(Api, $"/sandbox/{name}"));
    }
}
