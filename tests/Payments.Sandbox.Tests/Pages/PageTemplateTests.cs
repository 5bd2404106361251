using Payments.Sandbox.Stripe.Pages;

namespace Payments.Sandbox.Tests.Pages;

public sealed class PageTemplateTests
{
    [Fact]
    public void Values_are_escaped_and_sections_follow_the_model() =>
        Render("<p>{{a}}</p>{{#yes}}Y{{^no}}!{{/no}}{{/yes}}{{#no}}N{{/no}}{{#list}}[{{a}}{{b}}]{{/list}}")
            .ShouldBe("<p>&lt;&amp;&quot;</p>Y![1B][2B]");

    [Theory]
    [InlineData("{{#yes}}")]
    [InlineData("{{/yes}}")]
    [InlineData("{{#yes}}{{#no}}{{/yes}}{{/no}}")]
    public void A_section_that_is_not_closed_is_an_error(string text) => Should.Throw<FormatException>(() => Render(text));

    [Fact]
    public void A_hole_that_nothing_fills_is_an_error() => Should.Throw<KeyNotFoundException>(() => Render("{{typo}}"));

    private static string Render(string text) => new PageTemplate(text).Render(new PageModel
    {
        ["a"] = "<&\"",
        ["b"] = "B",
        ["yes"] = true,
        ["no"] = false,
        ["list"] = (List<PageModel>)[new PageModel { ["a"] = "1" }, new PageModel { ["a"] = "2" }],
    });
}
