"""What Chinese callers say."""

LANGUAGE = "zh"

FIRST = """
我想预约明天下午的号。 | statement
我想预约明天下午的号 | open
我想 | unfinished
我想要一个 | unfinished
我打电话是因为 | unfinished
我打电话是想问一下上个月的账单。 | statement
你们几点开门？ | complete
你们几点开门 | open
你们周六上班吗 | complete
请问 | unfinished
请问你们的 | unfinished
能不能帮我 | unfinished
能不能帮我查一下订单？ | complete
我的快递还没到。 | statement
我昨天已经到了 | open statement
如果明天 | unfinished
如果明天不行的话， | unfinished
因为我明天要上班， | unfinished
是的 | answer | 对吗？
不用了谢谢 | answer | 还有什么可以帮您的吗？
是的，但是 | unfinished | 您要周五过来，对吗？
我的预约。 | fragment
下周二。 | fragment
下周二。 | statement open | 您想哪天来？
一三八 | number | 请问您的电话号码是多少？
我的订单号是四七 | number
我的手机号是 | unfinished
一三八零零一三八零零零 | open | 请问您的手机号是多少？
嗯 | unfinished open
那个 | unfinished
谢谢，再见。 | complete
"""

HELD_BACK = """
你好，我要 | unfinished
你好我想订一张去上海的票 | open
我姓王。 | statement open
我叫 | unfinished
师傅还没有来。 | statement
我登录的时候 | unfinished
我家的网络 | fragment
多少钱？ | complete
星期五还有位置吗？ | complete
对 | answer | 您是张先生，对吗？
好的谢谢 | answer | 需要我帮您转人工吗？
不是，我是 | unfinished | 这是您的号码吗？
上个月的发票。 | fragment
下午。 | statement open | 您想上午还是下午来？
一零零 | number | 请告诉我您的邮政编码。
A 3 | number | 请问您的会员编号是多少？
我想取消跟 | unfinished
我的卡昨天丢了。 | statement
我住在 | unfinished
问题是 | unfinished
就这些，谢谢。 | complete
我可以跟 | unfinished
我想问一下就是说 | unfinished
虽然我已经付了钱， | unfinished
这个是我妈妈的 | open statement
没有 | answer | 您还有别的问题吗？
帮我转人工。 | statement
尾号是三五 | number
"""

LATER = """
我家的网从昨天开始就断了。 | statement
热水器突然不出热水 | open
电视一直在闪。 | statement open
我表格填错了。 | statement
我女儿耳朵疼 | open
可以改到下个星期吗？ | complete
我得把我的 | unfinished
是我妈妈的事，她 | unfinished
我不知道在哪里 | open statement
我现在在你们公司的 | unfinished
一间双人房带早餐。 | fragment statement
两个孩子。 | fragment
下周四上午 | fragment
十四号。 | statement open | 您住几号？
没问题 | answer | 周二十点可以吗？
也就是说我得 | unfinished
然后你们的同事说 | unfinished
八三三 | number | 请问单号是多少？
我们住在三楼没有电梯。 | statement
师傅到底什么时候来 | open
"""

WHOLE = """
打印机不工作了。
家里停电了。
一直显示错误。
是我老公弄的。
你们昨天给我打过电话。
我想找个人说话。
我不能告诉你。
我病了三个星期了。
我下个月搬家。
没人接电话。
我想预约。
周一我不行。
我没收到账单。
我膝盖疼。
我需要帮助。
机器坏了。
我要取消。
你能帮我吗？
我搬家了。
我觉得可以。
我还有一个问题。
我上周已经付过钱了。
扣了我两次钱。
账单我看不懂。
这里有个错误。
我的卡被吞了。
密码忘了。
"""

BEGUN = """
我的订单。
我老婆的卡。
四个人的桌子。
昨天的包裹。
关于账单的问题。
张先生。
下周四。
路由器的问题。
我的账户。
维修的费用。
上午十点。
暖气的事。
明天的机票
"""
