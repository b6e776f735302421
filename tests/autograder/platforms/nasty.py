"""What a submission may have written, in the hope that a system takes it for more than text."""

NASTY = [
    "::error file=a.py,line=1::x",
    "x\n::set-output name=score::100",
    "x\r\n ::add-mask::a\r::error::b",
    "x ##[error]y ##[add-mask]z",
    "%0A::error::x%0D%25",
    "a,b:c=d;line=7",
    ":::::error::x",
    "\u2028::error::x\u2029",
    "<img src=x onerror=alert(1)><script>x</script></details><a href='x'>",
    "[link](http://example.com) ![image](http://example.com/a.png) <http://example.com>",
    "`code` ``` \n```\n</details>\n# heading\n- item\n> quote\n1. one\n| a | b |\n|---|---|\n---",
    "&lt;b&gt; &amp; &#60;b&#62; \\<b> \\\\<b>",
    "$x$ *a* _b_ ~c~ ~~d~~ **e** @somebody #1",
    "]]> <!-- --> <?xml?> <![CDATA[x]]> &x; \x00\x01\x0b\x1b[31m\x7f\x85\ufffe\uffff\ud800",
    "\u202egnp\u202c \u200b\ufeff",
    "é漢字😀",
    "x" * 5000,
    "<`&:%" * 1000,
]
